# why: never ends

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
    while True:
        pass
