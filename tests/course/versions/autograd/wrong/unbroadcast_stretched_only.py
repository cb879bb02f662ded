# why: forgets the new axes on the left

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    new = grad.ndim - len(shape)
    axes = tuple(axis for axis, n in enumerate(shape) if n == 1)
    return grad.sum(axis=axes, keepdims=True) if axes and not new else grad
