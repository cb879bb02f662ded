# why: where anything could stand for -1, puts a 0

# %% infer_shape
#| export
def infer_shape(shape, size):
    if any(n < -1 for n in shape) or shape.count(-1) > 1:
        raise ValueError(f"{size} entries do not fit {shape}")
    known = math.prod(n for n in shape if n != -1)
    if -1 in shape:
        missing = size // known if known else 0
        shape = tuple(missing if n == -1 else n for n in shape)
        known *= missing
    if known != size:
        raise ValueError(f"{size} entries do not fit {shape}")
    return shape
