# why: adds up columns

# %% log_softmax_backward
#| export
def log_softmax_backward(grad, out, x):
    return (grad - np.exp(out) * grad.sum(axis=0, keepdims=True),)


GRADIENTS[log_softmax] = log_softmax_backward
