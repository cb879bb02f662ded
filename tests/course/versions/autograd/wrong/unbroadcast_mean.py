# why: averages what should be added

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    new = grad.ndim - len(shape)
    axes = tuple(axis for axis, n in enumerate((1,) * new + tuple(shape)) if axis < new or n == 1)
    return grad.mean(axis=axes).reshape(shape) if axes else grad
