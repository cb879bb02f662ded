# why: sum instead of product

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return sum(shape) * itemsize
