# why: backward returns the array, not a tuple
# loses: check_relu check_mlp_gradients check_Sequential check_train_epoch

# %% relu
#| export
def relu(x):
    return np.maximum(x, 0)


def relu_backward(grad, out, x):
    return grad * (x > 0)
