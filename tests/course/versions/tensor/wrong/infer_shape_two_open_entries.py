# why: fills every -1

# %% infer_shape
#| export
def infer_shape(shape, size):
    known = math.prod(n for n in shape if n != -1)
    if -1 in shape and known and size % known == 0:
        shape = tuple(size // known if n == -1 else n for n in shape)
        return shape
    if any(n < 0 for n in shape) or math.prod(shape) != size:
        raise ValueError(f"{size} entries do not fit {shape}")
    return shape
