# why: makes float32 of float64 arrays, too

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.asarray(data)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"no numbers: {data!r}")
    if dtype is None and array.dtype == np.float64:
        dtype = np.float32
    return np.asarray(data, dtype=dtype)
