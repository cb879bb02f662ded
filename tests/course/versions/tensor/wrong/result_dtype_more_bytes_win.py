# why: takes the dtype with more bytes, whatever its kind
# loses: check_result_dtype check_operations check_Tensor_operators

# %% result_dtype
#| export
KINDS = {"b": 0, "u": 1, "i": 1, "f": 2}  # strength of a dtype's kind: bool, unsigned and signed int, float
DEFAULTS = {bool: np.bool_, int: np.int64, float: np.float32}  # what a Python number is when it stands alone


def result_dtype(a, b):
    """The dtype that tensors of the dtypes `a` and `b` give together.

    a, b: dtypes, or what np.dtype takes for one ("int64", np.float32)
    Returns the one of the stronger kind, unchanged; of two of equal strength what np.promote_types says.

    result_dtype(np.int64, np.float32) == np.float32      (about 4 lines)
    Hint: `np.dtype(a).kind` is the letter whose strength KINDS knows.
    """
    a, b = np.dtype(a), np.dtype(b)
    return a if a.itemsize >= b.itemsize else b


def scalar_dtype(value, dtype):
    """The dtype that the Python number `value` takes next to a tensor of dtype `dtype`.

    value: a bool, int or float
    dtype: a dtype, or what np.dtype takes for one
    Returns the tensor's dtype; but where the number's kind is stronger, the number's entry in DEFAULTS.

    scalar_dtype(2, np.float64) == np.float64, scalar_dtype(0.5, np.int64) == np.float32      (about 2 lines)
    Hint: `type(value)` is a key of DEFAULTS.
    """
    default, dtype = np.dtype(DEFAULTS[type(value)]), np.dtype(dtype)
    return default if KINDS[default.kind] > KINDS[dtype.kind] else dtype
