# why: the backward of log_softmax

# %% causal_softmax_backward
#| export
def causal_softmax_backward(grad, out, scores):
    total = grad.sum(axis=-1, keepdims=True)
    return (grad - out * total,)


GRADIENTS[causal_softmax] = causal_softmax_backward
