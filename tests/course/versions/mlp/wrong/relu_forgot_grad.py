# why: backward gives the slope alone

# %% relu
#| export
def relu(x):
    return np.maximum(x, 0)


def relu_backward(grad, out, x):
    return ((x > 0).astype(x.dtype),)
