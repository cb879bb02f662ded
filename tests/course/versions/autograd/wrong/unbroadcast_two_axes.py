# why: never sums over more than two axes, except for a single number

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    new = grad.ndim - len(shape)
    axes = tuple(axis for axis, n in enumerate((1,) * new + tuple(shape)) if axis < new or n == 1)
    if not shape:
        return grad.sum()
    for axis in reversed(axes[-2:]):
        grad = grad.sum(axis=axis, keepdims=axis >= new)
    return grad
