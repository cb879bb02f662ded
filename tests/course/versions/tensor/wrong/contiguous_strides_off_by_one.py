# why: each axis jumps over itself, too
# loses: check_contiguous_strides check_is_contiguous check_Tensor check_Tensor_operators check_Allocations

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    return tuple(itemsize * math.prod(shape[i:]) for i in range(len(shape)))
