# why: looks at the last axis only, so the left half of the columns counts as contiguous

# %% is_contiguous
#| export
def is_contiguous(shape, strides, itemsize):
    if 0 in shape or not shape:
        return True
    return shape[-1] == 1 or strides[-1] == itemsize
