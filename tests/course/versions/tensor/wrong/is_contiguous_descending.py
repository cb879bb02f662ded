# why: strides that get smaller and end with one number need not be packed

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    if 0 in shape:
        return True
    steps = [s for n, s in zip(shape, strides) if n != 1]
    return not steps or (steps[-1] == itemsize and steps == sorted(steps, reverse=True))
