# why: forgets to turn b

# %% matmul_backward
#| export
def matmul_backward(grad, out, a, b):
    if b.ndim == 1:  # a vector is a matrix of one column here, and of one row on the left
        grad, right = grad[..., None], b[:, None]
    else:
        right = b
    if a.ndim == 1:
        grad, left = grad[..., None, :], a[None, :]
    else:
        left = a
    da = grad @ right
    db = left.swapaxes(-1, -2) @ grad
    return fit(da, a), fit(db[..., 0] if b.ndim == 1 else db, b)


GRADIENTS[ops.matmul] = matmul_backward
