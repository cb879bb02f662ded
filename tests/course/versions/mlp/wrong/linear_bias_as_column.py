# why: bias as a column instead of a row
# loses: check_linear check_mlp_gradients check_Linear check_Sequential check_train_epoch check_linear_backward

# %% linear
#| export
def linear(x, weight, bias):
    return x @ weight.T + bias[:, None]
