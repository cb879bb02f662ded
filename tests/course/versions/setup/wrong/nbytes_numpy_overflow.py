# why: np.prod counts in 64 bits, a large shape wraps around

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return int(np.prod(shape)) * itemsize
