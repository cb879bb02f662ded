# why: sum instead of product
# loses: check_nbytes

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return sum(shape) * itemsize
