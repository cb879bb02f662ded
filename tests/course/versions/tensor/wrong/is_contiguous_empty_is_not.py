# why: a block without numbers is not contiguous

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    packed = contiguous_strides(shape, itemsize)
    return 0 not in shape and all(n == 1 or s == p for n, s, p in zip(shape, strides, packed))
