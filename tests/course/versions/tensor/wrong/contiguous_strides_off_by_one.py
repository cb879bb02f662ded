# why: each axis jumps over itself, too

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    return tuple(itemsize * math.prod(shape[i:]) for i in range(len(shape)))
