# why: without -1 the shape is returned as it is

# %% infer_shape
#| export
def infer_shape(shape, size):
    if -1 not in shape:
        return shape
    known = math.prod(n for n in shape if n != -1)
    if known <= 0 or size % known or shape.count(-1) > 1:
        raise ValueError(f"{size} entries do not fit {shape}")
    return tuple(size // known if n == -1 else n for n in shape)
