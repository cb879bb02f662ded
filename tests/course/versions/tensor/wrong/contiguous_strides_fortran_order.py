# why: walks from the left: the first axis is packed

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides, step = [], itemsize
    for n in shape:
        strides.append(step)
        step *= n
    return tuple(strides)
