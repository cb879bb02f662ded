# why: divides the size of the block by each entry, which a 0 does not allow

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides, step = [], itemsize * math.prod(shape)
    for n in shape:
        step //= n
        strides.append(step)
    return tuple(strides)
