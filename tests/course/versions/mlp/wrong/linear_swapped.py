# why: factors swapped: the result lies on its side
# loses: check_linear check_mlp_gradients check_Linear check_Sequential check_train_epoch

# %% linear
#| export
def linear(x, weight, bias):
    return weight @ x.T + bias[:, None]
