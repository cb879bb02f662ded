# why: lines the shapes up from the left

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    long = tuple(shape) + (1,) * (grad.ndim - len(shape))
    axes = tuple(axis for axis, n in enumerate(long) if n == 1)
    return grad.sum(axis=axes).reshape(shape) if axes else grad
