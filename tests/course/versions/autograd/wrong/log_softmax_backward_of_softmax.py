# why: the gradient of softmax

# %% log_softmax_backward
#| export
def log_softmax_backward(grad, out, x):
    return (np.exp(out) * (grad - (grad * np.exp(out)).sum(axis=1, keepdims=True)),)


GRADIENTS[log_softmax] = log_softmax_backward
