# why: refuses objects and text, but not complex numbers

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.asarray(data)
    if array.dtype.kind in "OUS":
        raise TypeError(f"no numbers: {data!r}")
    if dtype is None and array.dtype.kind == "f" and not isinstance(data, (np.ndarray, np.generic)):
        dtype = np.float32
    return np.asarray(data, dtype=dtype)
