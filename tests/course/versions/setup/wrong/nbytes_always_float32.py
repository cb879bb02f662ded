# why: takes 4 bytes for every number

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return math.prod(shape) * 4
