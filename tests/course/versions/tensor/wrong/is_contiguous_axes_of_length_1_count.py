# why: compares strides of axes of length 1, too

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    return 0 in shape or tuple(strides) == contiguous_strides(shape, itemsize)
