# why: each axis jumps over the next one only
# loses: check_contiguous_strides check_is_contiguous check_Tensor_operators

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    if not shape:
        return ()
    return tuple(n * itemsize for n in shape[1:]) + (itemsize,)
