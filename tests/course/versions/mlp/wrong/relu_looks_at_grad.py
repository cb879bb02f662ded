# why: backward clips the gradient instead of looking at x

# %% relu
#| export
def relu(x):
    return np.maximum(x, 0)


def relu_backward(grad, out, x):
    return (np.maximum(grad, 0),)
