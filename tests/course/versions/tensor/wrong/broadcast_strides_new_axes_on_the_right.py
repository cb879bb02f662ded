# why: new axes come on the right

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    if broadcast_shapes(shape, to) != to:
        raise ValueError(f"{shape} cannot be stretched to {to}")
    return tuple(s if n == m else 0 for n, s, m in zip(shape, strides, to)) + (0,) * (len(to) - len(shape))
