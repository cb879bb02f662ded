# why: takes one of the copies instead of the sum of all

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    new = grad.ndim - len(shape)
    axes = tuple(axis for axis, n in enumerate((1,) * new + tuple(shape)) if axis < new or n == 1)
    return grad[tuple(slice(1) if a in axes else slice(None) for a in range(grad.ndim))].reshape(shape) if axes else grad
