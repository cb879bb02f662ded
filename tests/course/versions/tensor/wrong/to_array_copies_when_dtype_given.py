# why: astype copies even an array that has the dtype already

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.asarray(data)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"no numbers: {data!r}")
    if dtype is not None:
        return array.astype(dtype)
    if array.dtype.kind == "f" and not isinstance(data, (np.ndarray, np.generic)):
        return array.astype(np.float32)
    return array
