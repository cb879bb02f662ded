# why: backward uses x where it should use out

# %% sigmoid
#| export
def sigmoid(x):
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def sigmoid_backward(grad, out, x):
    return (grad * x * (1 - x),)
