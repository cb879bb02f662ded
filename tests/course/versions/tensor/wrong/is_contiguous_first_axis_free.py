# why: compares all strides but the first, which "nothing lies left of"

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    if 0 in shape:
        return True
    packed = contiguous_strides(shape, itemsize)
    return all(n == 1 or s == p for n, s, p in list(zip(shape, strides, packed))[1:])
