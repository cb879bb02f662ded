# why: returns a list

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    if broadcast_shapes(shape, to) != to:
        raise ValueError(f"{shape} cannot be stretched to {to}")
    new = len(to) - len(shape)
    return [0] * new + [s if n == m else 0 for n, s, m in zip(shape, strides, to[new:])]
