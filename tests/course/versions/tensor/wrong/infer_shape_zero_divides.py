# why: a 0 next to -1 ends in ZeroDivisionError

# %% infer_shape
#| export
def infer_shape(shape, size):
    if any(n < -1 for n in shape) or shape.count(-1) > 1:
        raise ValueError(f"{size} entries do not fit {shape}")
    known = math.prod(n for n in shape if n != -1)
    if -1 in shape:
        if size % known:
            raise ValueError(f"{size} entries do not fit {shape}")
        return tuple(size // known if n == -1 else n for n in shape)
    if known != size:
        raise ValueError(f"{size} entries do not fit {shape}")
    return shape
