# why: Python floats become float32 even if another dtype was asked for

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.asarray(data)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"no numbers: {data!r}")
    if array.dtype.kind == "f" and not isinstance(data, (np.ndarray, np.generic)):
        dtype = np.float32
    return np.asarray(data, dtype=dtype)
