# why: converts the int64 array: of 256 uint8 makes 0, without a word

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.asarray(data)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"no numbers: {data!r}")
    if dtype is None and array.dtype == np.float64 and not isinstance(data, (np.ndarray, np.generic)):
        dtype = np.float32
    return np.asarray(array, dtype=dtype)
