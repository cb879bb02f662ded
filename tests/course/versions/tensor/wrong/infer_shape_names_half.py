# why: each message names only one of size and shape

# %% infer_shape
#| export
def infer_shape(shape, size):
    if any(n < -1 for n in shape) or shape.count(-1) > 1:
        raise ValueError(f"bad shape {shape}")
    known = math.prod(n for n in shape if n != -1)
    if -1 in shape:
        if known == 0 or size % known:
            raise ValueError(f"-1 cannot be inferred for {size} entries")
        return tuple(size // known if n == -1 else n for n in shape)
    if known != size:
        raise ValueError(f"wrong number of entries for {shape}")
    return shape
