# why: the slope of a sigmoid: each share by itself

# %% causal_softmax_backward
#| export
def causal_softmax_backward(grad, out, scores):
    return (grad * out * (1 - out),)


GRADIENTS[causal_softmax] = causal_softmax_backward
