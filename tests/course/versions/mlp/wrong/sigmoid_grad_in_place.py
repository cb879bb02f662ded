# why: backward multiplies grad in place

# %% sigmoid
#| export
def sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_backward(grad, out, x):
    grad *= out * (1 - out)
    return (grad,)
