# why: () is taken for no number instead of one

# %% nbytes
#| export
def nbytes(shape, itemsize):
    if not shape:
        return 0
    return math.prod(shape) * itemsize
