# why: np.prod returns a numpy number, for () even a float, where an int is promised

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return np.prod(shape) * itemsize
