# why: reshape leaves the shape to numpy, whose message names no -1

# %% operations
#| export
def same_dtype(a, b):
    dtype = result_dtype(a.dtype, b.dtype)
    return a.astype(dtype, copy=False), b.astype(dtype, copy=False)


def mul(a, b):
    return elementwise(np.multiply, a, b)


def div(a, b):
    a, b = same_dtype(a, b)
    return elementwise(np.divide, floating(a), floating(b))


def exp(a):
    return np.exp(floating(a))


def reduce_mean(a, axis=None, keepdims=False):
    return np.mean(floating(a), axis=axis, keepdims=keepdims)


def matmul(a, b):
    matmul_shape(a.shape, b.shape)
    return np.matmul(*same_dtype(a, b))


def reshape(a, shape):
    return a.reshape(shape)
