# why: makes an empty float array of that itemsize; there is none of 1 byte

# %% contiguous_strides
#| export
def contiguous_strides(shape, itemsize):
    return np.empty(shape, dtype=f"f{itemsize}").strides
