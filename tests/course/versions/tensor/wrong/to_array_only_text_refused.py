# why: refuses a str, but not None, complex numbers or lists of text

# %% to_array
#| export
def to_array(data, dtype=None):
    if isinstance(data, str):
        raise TypeError("text is no tensor")
    array = np.asarray(data)
    if dtype is None and array.dtype.kind == "f" and not isinstance(data, (np.ndarray, np.generic)):
        dtype = np.float32
    return np.asarray(data, dtype=dtype)
