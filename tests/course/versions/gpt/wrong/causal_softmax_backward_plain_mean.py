# why: the plain mean of the gradients, not weighted with the shares

# %% causal_softmax_backward
#| export
def causal_softmax_backward(grad, out, scores):
    mean = grad.mean(axis=-1, keepdims=True)
    return (out * (grad - mean),)


GRADIENTS[causal_softmax] = causal_softmax_backward
