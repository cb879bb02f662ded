# why: grad times probability, without the sum

# %% log_softmax_backward
#| export
def log_softmax_backward(grad, out, x):
    return (grad - np.exp(out) * grad,)


GRADIENTS[log_softmax] = log_softmax_backward
