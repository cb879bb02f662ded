# why: averages what should be added
# loses: check_unbroadcast check_mul_backward check_matmul_backward check_backward check_gradcheck

# %% unbroadcast
#| export
def unbroadcast(grad, shape):
    new = grad.ndim - len(shape)
    axes = tuple(axis for axis, n in enumerate((1,) * new + tuple(shape)) if axis < new or n == 1)
    return grad.mean(axis=axes).reshape(shape) if axes else grad
