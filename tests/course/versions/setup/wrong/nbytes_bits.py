# why: counts bits
# loses: check_nbytes

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return math.prod(shape) * itemsize * 8
