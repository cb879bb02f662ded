# why: leaves axes of length 0 out

# %% nbytes
#| export
def nbytes(shape, itemsize):
    total = itemsize
    for length in shape:
        if length:
            total *= length
    return total
