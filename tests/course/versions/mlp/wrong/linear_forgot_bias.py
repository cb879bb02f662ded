# why: no bias
# loses: check_linear check_mlp_gradients check_Linear check_Sequential check_train_epoch

# %% linear
#| export
def linear(x, weight, bias):
    return x @ weight.T
