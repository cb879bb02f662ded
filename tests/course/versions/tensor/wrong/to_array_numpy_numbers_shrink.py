# why: forgets np.generic, so numpy numbers of float64 become float32

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.asarray(data)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"no numbers: {data!r}")
    if dtype is None and array.dtype.kind == "f" and not isinstance(data, np.ndarray):
        dtype = np.float32
    return np.asarray(data, dtype=dtype)
