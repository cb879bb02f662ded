# why: forgets the minus of the divisor

# %% mul_backward
#| export
def mul_backward(grad, out, a, b):
    return fit(grad * b, a), fit(grad * a, b)


def div_backward(grad, out, a, b):
    return fit(grad / b, a), fit(grad * out / b, b)


GRADIENTS[ops.mul], GRADIENTS[ops.div] = mul_backward, div_backward
