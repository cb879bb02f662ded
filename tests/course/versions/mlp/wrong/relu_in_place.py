# why: writes the zeros into x

# %% relu
#| export
def relu(x):
    x[x < 0] = 0
    return x


def relu_backward(grad, out, x):
    return (grad * (x > 0),)
