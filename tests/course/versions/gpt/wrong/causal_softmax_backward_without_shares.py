# why: forgets the factor of the shares

# %% causal_softmax_backward
#| export
def causal_softmax_backward(grad, out, scores):
    mean = (grad * out).sum(axis=-1, keepdims=True)
    return (grad - mean,)


GRADIENTS[causal_softmax] = causal_softmax_backward
