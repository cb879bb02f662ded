# why: takes the dtype with more bytes, whatever its kind

# %% result_dtype
#| export
KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}  # strength of a dtype's kind: bool, unsigned and signed int, float
DEFAULTS = {bool: np.bool_, int: np.int64, float: np.float32}  # what a Python number is when it stands alone


def result_dtype(a, b):
    a, b = np.dtype(a), np.dtype(b)
    return a if a.itemsize >= b.itemsize else b
