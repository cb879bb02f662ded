# why: divides without looking at the rest
# loses: check_infer_shape check_operations

# %% infer_shape
#| export
def infer_shape(shape, size):
    """The shape that `size` entries get, with -1 in `shape` replaced by what fits.

    shape: a tuple of ints, at most one of them -1
    size: how many entries there are
    Returns a tuple.
    Raises ValueError that names `size` and the shape asked for, where they do not fit: the product of the
    entries is not `size`, nothing or anything could stand for -1, or another entry is negative.

    infer_shape((2, -1), size=6) == (2, 3)      (about 6 lines)
    Hint: math.prod of the known entries; it may be 0, and then nothing can be said about -1.
    """
    if any(n < -1 for n in shape) or shape.count(-1) > 1:
        raise ValueError(f"{size} entries do not fit {shape}")
    if -1 in shape:
        known = math.prod(n for n in shape if n != -1)
        if known == 0:
            raise ValueError(f"{size} entries do not fit {shape}")
        return tuple(size // known if n == -1 else n for n in shape)
    if math.prod(shape) != size:
        raise ValueError(f"{size} entries do not fit {shape}")
    return shape
