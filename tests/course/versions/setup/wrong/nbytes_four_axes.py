# why: unpacks up to four lengths

# %% nbytes
#| export
def nbytes(shape, itemsize):
    a, b, c, d = (tuple(shape) + (1, 1, 1, 1))[:4]
    return a * b * c * d * itemsize
