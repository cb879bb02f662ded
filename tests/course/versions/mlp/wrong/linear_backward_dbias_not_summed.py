# why: the gradient of the bias is not summed over the batch
# loses: check_linear_backward check_mlp_gradients check_Linear check_Sequential check_train_epoch

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    return grad @ weight, grad.T @ x, grad
