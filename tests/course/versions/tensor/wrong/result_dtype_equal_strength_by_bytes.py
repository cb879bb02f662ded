# why: of two of equal strength takes the larger one instead of asking np.promote_types (uint8 with int8 is int16)

# %% result_dtype
#| export
KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}  # strength of a dtype's kind: bool, unsigned and signed int, float
DEFAULTS = {bool: np.bool_, int: np.int64, float: np.float32}  # what a Python number is when it stands alone


def result_dtype(a, b):
    a, b = np.dtype(a), np.dtype(b)
    if KINDS[a.kind] != KINDS[b.kind]:
        return a if KINDS[a.kind] > KINDS[b.kind] else b
    return a if a.itemsize > b.itemsize else b
