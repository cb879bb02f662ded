# why: right shapes, but the dtype is that of the other input

# %% mul_backward
#| export
def mul_backward(grad, out, a, b):
    return unbroadcast(grad * b, a.shape), unbroadcast(grad * a, b.shape)


def div_backward(grad, out, a, b):
    return fit(grad / b, a), fit(-grad * out / b, b)


GRADIENTS[ops.mul], GRADIENTS[ops.div] = mul_backward, div_backward
