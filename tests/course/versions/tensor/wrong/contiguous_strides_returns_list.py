# why: returns a list
# loses: check_contiguous_strides

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
    strides, step = [], itemsize
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return strides[::-1]
