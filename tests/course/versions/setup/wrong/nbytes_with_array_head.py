# why: counts what sys.getsizeof says about an array, its head included

# %% nbytes
#| export
def nbytes(shape, itemsize):
    return np.zeros(shape, f"V{itemsize}").nbytes + 112
