# why: the gradient of the bias is not summed over the batch

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    return grad @ weight, grad.T @ x, grad
