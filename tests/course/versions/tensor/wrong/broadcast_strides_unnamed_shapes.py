# why: says that it does not fit, but not which shapes, where broadcast_shapes is content

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    if broadcast_shapes(shape, to) != to:
        raise ValueError("this shape cannot be stretched to that")
    new = len(to) - len(shape)
    return (0,) * new + tuple(s if n == m else 0 for n, s, m in zip(shape, strides, to[new:]))
