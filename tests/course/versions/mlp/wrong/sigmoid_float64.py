# why: np.empty is float64 also for float32

# %% sigmoid
#| export
def sigmoid(x):
    out = np.empty(x.shape)
    out[x >= 0] = 1 / (1 + np.exp(-x[x >= 0]))
    small = np.exp(x[x < 0])
    out[x < 0] = small / (1 + small)
    return out


def sigmoid_backward(grad, out, x):
    return (grad * out * (1 - out),)
