# why: counts in numbers instead of bytes, as PyTorch does
# loses: check_contiguous_strides check_is_contiguous check_Tensor check_Tensor_operators check_Allocations

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))
