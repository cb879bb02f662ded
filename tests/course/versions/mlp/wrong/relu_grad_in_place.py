# why: backward writes the zeros into grad

# %% relu
#| export
def relu(x):
    return np.maximum(x, 0)


def relu_backward(grad, out, x):
    grad[x <= 0] = 0
    return (grad,)
