# why: any order of the axes will do

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    if 0 in shape:
        return True
    packed = contiguous_strides(shape, itemsize)
    return sorted(s for n, s in zip(shape, strides) if n > 1) == sorted(p for n, p in zip(shape, packed) if n > 1) or (
        math.prod(shape) * itemsize == max(n * s for n, s in zip(shape, strides))
    )
