# why: backward multiplies with a float64 mask

# %% relu
#| export
def relu(x):
    return np.maximum(x, 0)


def relu_backward(grad, out, x):
    mask = np.zeros(x.shape)
    mask[x > 0] = 1
    return (grad * mask,)
