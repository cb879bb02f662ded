# why: dweight has the shape of the transposed weight

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    return grad @ weight, x.T @ grad, grad.sum(axis=0)
