# why: divides by the batch size, which the loss has done already

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    return grad @ weight, grad.T @ x / len(x), grad.mean(axis=0)
