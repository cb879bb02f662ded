# why: makes the array to ask it, and knows only 4 and 8 bytes

# %% nbytes
#| export
def nbytes(shape, itemsize):
    dtypes = {4: np.float32, 8: np.float64}
    return np.zeros(shape, dtypes[itemsize]).nbytes
