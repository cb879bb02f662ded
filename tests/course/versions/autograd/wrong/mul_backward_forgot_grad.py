# why: slopes without what came back

# %% mul_backward
#| export
def mul_backward(grad, out, a, b):
    return fit(b + 0 * grad, a), fit(a + 0 * grad, b)


def div_backward(grad, out, a, b):
    return fit(grad / b, a), fit(-grad * out / b, b)


GRADIENTS[ops.mul], GRADIENTS[ops.div] = mul_backward, div_backward
