# why: looks only at the number of axes, so (3,) becomes (1,)

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    broadcast_shapes(shape, to)
    if len(shape) > len(to):
        raise ValueError(f"{shape} cannot be stretched to {to}")
    new = len(to) - len(shape)
    return (0,) * new + tuple(s if n == m else 0 for n, s, m in zip(shape, strides, to[new:]))
