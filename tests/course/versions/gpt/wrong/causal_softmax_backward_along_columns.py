# why: weighs along the columns

# %% causal_softmax_backward
#| export
def causal_softmax_backward(grad, out, scores):
    mean = (grad * out).sum(axis=-2, keepdims=True)
    return (out * (grad - mean),)


GRADIENTS[causal_softmax] = causal_softmax_backward
