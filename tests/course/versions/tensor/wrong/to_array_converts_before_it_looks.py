# why: looks at the kind after the conversion, so None and "7" with a dtype become numbers

# %% to_array
#| export
def to_array(data, dtype=None):
    if dtype is None and not isinstance(data, (np.ndarray, np.generic)) and np.asarray(data).dtype.kind == "f":
        dtype = np.float32
    array = np.asarray(data, dtype=dtype)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"no numbers: {data!r}")
    return array
