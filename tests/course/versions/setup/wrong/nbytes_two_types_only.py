# why: makes the array to ask it, and knows only 4 and 8 bytes
# loses: check_nbytes

# %% nbytes
#| export
def nbytes(shape, itemsize):
    """Bytes that the numbers of an array take.

    shape: a tuple of ints, any length; () is a single number
    itemsize: bytes of one number, an int: 4 for float32, 8 for float64
    Returns an int, exact however large it is.

    nbytes((2, 3), 4) == 24      (about 1 line)
    Hint: math.prod.
    """
    dtypes = {4: np.float32, 8: np.float64}
    return np.zeros(shape, dtypes[itemsize]).nbytes
