# why: changes the gradient that it got

# %% mul_backward
#| export
def mul_backward(grad, out, a, b):
    return fit(grad * b, a), fit(grad * a, b)


def div_backward(grad, out, a, b):
    db = fit(-grad * out / b, b)
    if grad.ndim and grad.shape == np.shape(b):
        grad /= b
        return fit(grad, a), db
    return fit(grad / b, a), db


GRADIENTS[ops.mul], GRADIENTS[ops.div] = mul_backward, div_backward
