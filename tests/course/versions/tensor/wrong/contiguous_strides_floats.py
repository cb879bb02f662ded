# why: divides with /, so the strides are floats

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    total, strides = itemsize * math.prod(shape), []
    for i in range(len(shape)):
        total = total / shape[i] if shape[i] else 0
        strides.append(total)
    return tuple(strides)
