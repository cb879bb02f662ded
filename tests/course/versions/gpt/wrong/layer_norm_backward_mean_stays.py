# why: forgets what goes through the mean

# %% layer_norm_backward
#| export
def layer_norm_backward(grad, out, x, weight, bias):
    normal, deviation = standardize(x)
    g = grad * weight
    dx = g - normal * (g * normal).mean(axis=-1, keepdims=True)
    others = tuple(range(x.ndim - 1))
    return dx / deviation, (grad * normal).sum(axis=others), grad.sum(axis=others)


GRADIENTS[layer_norm] = layer_norm_backward
