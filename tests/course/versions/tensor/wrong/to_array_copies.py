# why: np.array copies where np.asarray shares

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.array(data)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"no numbers: {data!r}")
    if dtype is None and array.dtype.kind == "f" and not isinstance(data, (np.ndarray, np.generic)):
        dtype = np.float32
    return np.array(data, dtype=dtype)
