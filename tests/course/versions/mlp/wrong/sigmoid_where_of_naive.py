# why: np.where of two formulas, both computed everywhere

# %% sigmoid
#| export
def sigmoid(x):
    return np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))


def sigmoid_backward(grad, out, x):
    return (grad * out * (1 - out),)
