# why: forgets that shapes may have been stretched

# %% mul_backward
#| export
def mul_backward(grad, out, a, b):
    return grad * b, grad * a


def div_backward(grad, out, a, b):
    return fit(grad / b, a), fit(-grad * out / b, b)


GRADIENTS[ops.mul], GRADIENTS[ops.div] = mul_backward, div_backward
