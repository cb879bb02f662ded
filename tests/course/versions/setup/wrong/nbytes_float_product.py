# why: counts in floats, so large products lose their last digits

# %% nbytes
#| export
def nbytes(shape, itemsize):
    total = 1.0
    for length in shape:
        total *= length
    return int(total * itemsize)
