# why: every number has four bytes
# loses: check_contiguous_strides check_is_contiguous check_Tensor check_Tensor_operators

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides, step = [], 4
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))
