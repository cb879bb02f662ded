# why: returns a list
# loses: check_contiguous_strides

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides, step = [], itemsize
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return strides[::-1]
