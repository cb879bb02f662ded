# why: counts in numbers instead of bytes, as PyTorch does

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    strides, step = [], 1
    for n in reversed(shape):
        strides.append(step)
        step *= n
    return tuple(reversed(strides))
