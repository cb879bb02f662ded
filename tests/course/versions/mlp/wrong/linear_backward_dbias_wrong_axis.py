# why: dbias summed over the outputs

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    return grad @ weight, grad.T @ x, grad.sum(axis=1)
