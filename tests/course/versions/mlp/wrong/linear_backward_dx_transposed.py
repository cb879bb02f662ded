# why: weight turned in dx, as in forward

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    return grad @ weight.T, grad.T @ x, grad.sum(axis=0)
