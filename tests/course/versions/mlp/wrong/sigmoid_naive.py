# why: the formula as it stands: overflows at -1000

# %% sigmoid
#| export
def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_backward(grad, out, x):
    return (grad * out * (1 - out),)
