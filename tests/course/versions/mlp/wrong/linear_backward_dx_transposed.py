# why: weight turned in dx, as in forward
# loses: check_linear_backward check_mlp_gradients check_Linear check_Sequential check_train_epoch

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    """Gradients of a linear layer's inputs.

    grad: array (N, out_features), gradient of the loss with respect to the layer's result
    out: array (N, out_features), that result
    x, weight, bias: as for `linear`
    Returns a tuple (dx, dweight, dbias), each of the shape of its input.

    linear_backward(grad, out, x, weight, bias)[1].shape == weight.shape      (about 4 lines)
    Hint: each weight and each bias had a part in every sample, so their gradients are sums over the batch. A matrix
    product whose inner axis is the batch already sums over it.
    """
    return grad @ weight.T, grad.T @ x, grad.sum(axis=0)
