# why: compares strides of axes of length 1, too
# loses: check_is_contiguous check_Tensor

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    """Whether a block's numbers lie packed, in the order of its last axis first, then the one before, and so on.

    shape, strides: tuples of ints of equal length
    itemsize: bytes of one number
    Returns a bool. The stride of an axis of length 1 never matters, for no step is taken along it;
    a block without any numbers (a 0 in its shape) is contiguous.

    is_contiguous((3, 2), (4, 12), itemsize=4) is False      (about 3 lines)
    Hint: compare with contiguous_strides, axis by axis.
    """
    return 0 in shape or tuple(strides) == contiguous_strides(shape, itemsize)
