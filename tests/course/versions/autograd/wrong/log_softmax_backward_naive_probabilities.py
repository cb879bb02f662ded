# why: probabilities by exp and division, which overflow

# %% log_softmax_backward
#| export
def log_softmax_backward(grad, out, x):
    return (grad - np.exp(x) / np.exp(x).sum(axis=1, keepdims=True) * grad.sum(axis=1, keepdims=True),)


GRADIENTS[log_softmax] = log_softmax_backward
