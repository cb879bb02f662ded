# why: floats next to ints become float32, whatever floats they were

# %% result_dtype
#| export
KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}  # strength of a dtype's kind: bool, unsigned and signed int, float
DEFAULTS = {bool: np.bool_, int: np.int64, float: np.float32}  # what a Python number is when it stands alone


def result_dtype(a, b):
    a, b = np.dtype(a), np.dtype(b)
    if KINDS[a.kind] == KINDS[b.kind]:
        return np.promote_types(a, b)
    if "f" in (a.kind, b.kind):
        return np.dtype(np.float32)
    return a if KINDS[a.kind] > KINDS[b.kind] else b
