# why: leaves axes of length 0 out
# loses: check_nbytes

# %% nbytes
#| export
def nbytes(shape, itemsize):
    total = itemsize
    for length in shape:
        if length:
            total *= length
    return total
