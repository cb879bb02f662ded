# why: raises ValueError for what is no number

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.asarray(data)
    if array.dtype.kind not in KINDS:
        raise ValueError(f"no numbers: {data!r}")
    if dtype is None and array.dtype.kind == "f" and not isinstance(data, (np.ndarray, np.generic)):
        dtype = np.float32
    return np.asarray(data, dtype=dtype)
