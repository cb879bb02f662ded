# why: dweight has the shape of the transposed weight
# loses: check_linear_backward check_mlp_gradients check_Linear check_Sequential check_train_epoch

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    return grad @ weight, x.T @ grad, grad.sum(axis=0)
