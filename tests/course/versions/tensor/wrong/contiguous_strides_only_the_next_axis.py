# why: each axis jumps over the next one only

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    if not shape:
        return ()
    return tuple(n * itemsize for n in shape[1:]) + (itemsize,)
