# why: two negative entries whose product fits are taken

# %% infer_shape
#| export
def infer_shape(shape, size):
    if shape.count(-1) > 1:
        raise ValueError(f"{size} entries do not fit {shape}")
    known = math.prod(n for n in shape if n != -1)
    if -1 in shape:
        if known == 0 or size % known:
            raise ValueError(f"{size} entries do not fit {shape}")
        return tuple(size // known if n == -1 else n for n in shape)
    if known != size:
        raise ValueError(f"{size} entries do not fit {shape}")
    return shape
