# why: refuses a str, but not None, complex numbers or lists of text
# loses: check_to_array

# %% to_array
#| export
def to_array(data, dtype=None):
    """`data` as a numpy array of numbers, shared where possible, copied only where a conversion needs it.

    data: a number, a nested list of numbers, a numpy array or a numpy number
    dtype: the dtype wanted; without it arrays and numpy numbers keep theirs, Python's ints become int64,
        bools bool, and Python's floats float32
    Raises TypeError for what is not of a kind in KINDS (text, None, complex numbers), and ValueError
    for lists of unequal lengths (numpy does that one for you).

    to_array([0.5, 2]).dtype == np.float32, to_array(np.ones(2)).dtype == np.float64      (about 6 lines)
    Hint: np.asarray shares where it can, but makes float64 of Python's floats.
    np.ndarray and np.generic are the types of numpy's arrays and of numpy's numbers.
    """
    if isinstance(data, str):
        raise TypeError("text is no tensor")
    array = np.asarray(data)
    if dtype is None and array.dtype.kind == "f" and not isinstance(data, (np.ndarray, np.generic)):
        dtype = np.float32
    return np.asarray(array, dtype=dtype)
