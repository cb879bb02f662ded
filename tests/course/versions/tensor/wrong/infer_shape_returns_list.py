# why: returns a list

# %% infer_shape
#| export
def infer_shape(shape, size):
    if any(n < -1 for n in shape) or shape.count(-1) > 1:
        raise ValueError(f"{size} entries do not fit {shape}")
    known = math.prod(n for n in shape if n != -1)
    out = list(shape)
    if known and -1 in out:
        out[out.index(-1)] = size // known
    if -1 in out or math.prod(out) != size:
        raise ValueError(f"{size} entries do not fit {shape}")
    return out
