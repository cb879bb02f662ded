# why: trusts broadcast_shapes, which also stretches `to`

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    broadcast_shapes(shape, to)
    new = len(to) - len(shape)
    return (0,) * new + tuple(s if n == m else 0 for n, s, m in zip(shape, strides, to[max(new, 0):]))
