# why: walks from the left: the first axis is packed
# loses: check_contiguous_strides check_is_contiguous check_Tensor check_Tensor_operators check_Allocations

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides, step = [], itemsize
    for n in shape:
        strides.append(step)
        step *= n
    return tuple(strides)
