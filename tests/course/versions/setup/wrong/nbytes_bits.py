# why: counts bits

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return math.prod(shape) * itemsize * 8
