# why: the last stride must be one number even where the last axis has length 1

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    if 0 in shape:
        return True
    if strides and strides[-1] != itemsize:
        return False
    packed = contiguous_strides(shape, itemsize)
    return all(n == 1 or s == p for n, s, p in zip(shape, strides, packed))
