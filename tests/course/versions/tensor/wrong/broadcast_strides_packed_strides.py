# why: computes packed strides instead of taking the ones it was given

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    if broadcast_shapes(shape, to) != to:
        raise ValueError(f"{shape} cannot be stretched to {to}")
    new = len(to) - len(shape)
    packed = contiguous_strides(shape, strides[-1] if strides else 0)
    return (0,) * new + tuple(s if n == m else 0 for n, s, m in zip(shape, packed, to[new:]))
