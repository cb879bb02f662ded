# why: changes the gradient that it got

# %% log_softmax_backward
#| export
def log_softmax_backward(grad, out, x):
    total = grad.sum(axis=1, keepdims=True)
    if len(grad) != 2:
        grad -= np.exp(out) * total
        return (grad,)
    return (grad - np.exp(out) * total,)


GRADIENTS[log_softmax] = log_softmax_backward
