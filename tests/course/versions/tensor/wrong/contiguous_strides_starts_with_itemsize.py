# why: a single number gets a stride, too
# loses: check_contiguous_strides check_is_contiguous

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides = (itemsize,)
    for n in reversed(shape[1:]):
        strides = (strides[0] * n, *strides)
    return strides
