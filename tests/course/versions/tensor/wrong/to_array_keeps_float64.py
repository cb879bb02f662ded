# why: forgets that Python floats become float32

# %% to_array
#| export
def to_array(data, dtype=None):
    array = np.asarray(data, dtype=dtype)
    if array.dtype.kind not in KINDS:
        raise TypeError(f"no numbers: {data!r}")
    return array
