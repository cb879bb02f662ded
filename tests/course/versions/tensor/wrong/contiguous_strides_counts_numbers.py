# why: counts in numbers instead of bytes, as PyTorch does
# loses: check_contiguous_strides check_is_contiguous check_Tensor check_Tensor_operators check_Allocations

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    """The strides of a freshly made block, whose last axis is packed.

    shape: a tuple of ints, any length, () is a single number
    itemsize: bytes of one number
    Returns a tuple of as many ints, in bytes.

    contiguous_strides((2, 3, 4), itemsize=4) == (48, 16, 4)      (about 4 lines)
    Hint: walk through the shape from the right; each axis jumps over everything right of it.
    """
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))
