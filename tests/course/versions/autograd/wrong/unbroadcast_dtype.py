# why: adds up in float64 and stays there

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    new = grad.ndim - len(shape)
    axes = tuple(axis for axis, n in enumerate((1,) * new + tuple(shape)) if axis < new or n == 1)
    return grad.sum(axis=axes, dtype=np.float64).reshape(shape) if axes else grad
