# why: divides by the batch size, which the loss has done already
# loses: check_linear_backward check_mlp_gradients check_Linear check_Sequential check_train_epoch

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    return grad @ weight, grad.T @ x / len(x), grad.mean(axis=0)
