# why: a single number gets a stride, too

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides = (itemsize,)
    for n in reversed(shape[1:]):
        strides = (strides[0] * n, *strides)
    return strides
