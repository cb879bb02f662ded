# why: forgets axes of length 1

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    new = grad.ndim - len(shape)
    axes = tuple(axis for axis, n in enumerate((1,) * new + tuple(shape)) if axis < new)
    return grad.sum(axis=axes) if axes else grad
