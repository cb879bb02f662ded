# why: forgot that weight has a row for every output
# loses: check_linear check_linear_backward check_mlp_gradients check_Linear check_Sequential check_train_epoch

# %% linear
#| export
def linear(x, weight, bias):
    return x @ weight + bias
