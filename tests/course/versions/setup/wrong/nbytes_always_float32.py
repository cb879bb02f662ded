# why: takes 4 bytes for every number
# loses: check_nbytes

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return math.prod(shape) * 4
