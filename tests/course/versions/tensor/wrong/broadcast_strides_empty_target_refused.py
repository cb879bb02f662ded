# why: 1 is not stretched to 0

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    new = len(to) - len(shape)
    if new < 0 or any(n != m and not (n == 1 and m > 1) for n, m in zip(shape, to[new:])):
        raise ValueError(f"{shape} cannot be stretched to {to}")
    return (0,) * new + tuple(s if n == m else 0 for n, s, m in zip(shape, strides, to[new:]))
