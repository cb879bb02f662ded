# why: only new axes get 0, stretched ones keep their stride

# %% broadcast_strides
#| export
def broadcast_strides(shape, strides, to):
    if broadcast_shapes(shape, to) != to:
        raise ValueError(f"{shape} cannot be stretched to {to}")
    return (0,) * (len(to) - len(shape)) + tuple(strides)
