# why: a Python bool is an int for isinstance, so True next to a bool tensor is int64

# %% result_dtype
#| export
KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}  # strength of a dtype's kind: bool, unsigned and signed int, float
DEFAULTS = {bool: np.bool_, int: np.int64, float: np.float32}  # what a Python number is when it stands alone


def result_dtype(a, b):
    a, b = np.dtype(a), np.dtype(b)
    strength_a, strength_b = KINDS[a.kind], KINDS[b.kind]
    if strength_a == strength_b:
        return np.promote_types(a, b)
    return a if strength_a > strength_b else b


def scalar_dtype(value, dtype):
    dtype = np.dtype(dtype)
    if isinstance(value, int):
        return dtype if KINDS[dtype.kind] >= 1 else np.dtype(np.int64)
    return dtype if dtype.kind == "f" else np.dtype(np.float32)
