# why: names the block's shape only

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    new = len(to) - len(shape)
    if new < 0 or any(n != m and n != 1 for n, m in zip(shape, to[new:])):
        raise ValueError(f"a block of shape {shape} cannot be stretched like that")
    return (0,) * new + tuple(s if n == m else 0 for n, s, m in zip(shape, strides, to[new:]))
