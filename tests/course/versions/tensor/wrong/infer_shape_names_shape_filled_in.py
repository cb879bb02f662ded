# why: names the shape after filling in, not the one asked for

# %% infer_shape
#| export
def infer_shape(shape, size):
    if any(n < -1 for n in shape) or shape.count(-1) > 1:
        raise ValueError(f"{size} entries do not fit {shape}")
    known = math.prod(n for n in shape if n != -1)
    if known and -1 in shape:
        shape = tuple(size // known if n == -1 else n for n in shape)
    if -1 in shape or math.prod(shape) != size:
        raise ValueError(f"{size} entries do not fit {shape}")
    return shape
