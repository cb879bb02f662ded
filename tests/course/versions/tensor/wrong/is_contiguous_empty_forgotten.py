# why: has forgotten blocks without numbers

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    packed = contiguous_strides(shape, itemsize)
    return all(n == 1 or s == p for n, s, p in zip(shape, strides, packed))
