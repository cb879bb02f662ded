# why: same_dtype lets numpy promote
# loses: check_operations check_Tensor_operators

# %% operations
#| export
def same_dtype(a, b):
    """The arrays `a` and `b`, both in the dtype result_dtype of theirs.

    Returns a tuple of two arrays; one that has the dtype already is not copied.      (about 2 lines)
    Hint: a.astype(dtype, copy=False)
    """
    dtype = np.promote_types(a.dtype, b.dtype)
    return a.astype(dtype, copy=False), b.astype(dtype, copy=False)


def mul(a, b):
    """Product, entry by entry. Raises the ValueError of broadcast_shapes.      (1 line, see `add`)"""
    return elementwise(np.multiply, a, b)


def div(a, b):
    """Quotient, entry by entry. Ints and bools give float32; dtypes and errors else as for `add`.

    div(np.array([1]), np.array([2])) is [0.5], float32      (about 2 lines)
    Hint: first the same dtype, and only then `floating`: int64 with float64 should not lose digits.
    """
    a, b = same_dtype(a, b)
    return elementwise(np.divide, floating(a), floating(b))


def exp(a):
    """e to the power of each entry. Ints and bools give float32.      (1 line, see `log`)"""
    return np.exp(floating(a))


def reduce_mean(a, axis=None, keepdims=False):
    """Mean along `axis` (an int, a tuple of ints, None for all). Ints and bools give float32.      (1 line)"""
    return np.mean(floating(a), axis=axis, keepdims=keepdims)


def matmul(a, b):
    """Matrix product, in the dtype result_dtype of theirs.

    Raises the ValueError of matmul_shape where the shapes do not fit.      (about 2 lines)
    """
    matmul_shape(a.shape, b.shape)
    return np.matmul(*same_dtype(a, b))


def reshape(a, shape):
    """`a` in the shape `shape`, in which one entry may be -1; a view where that is possible.

    Raises the ValueError of infer_shape where the shape does not fit.      (1 line)
    """
    return a.reshape(infer_shape(shape, a.size))
