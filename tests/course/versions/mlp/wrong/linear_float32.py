# why: turns everything into float32
# loses: check_linear check_mlp_gradients check_Sequential

# %% linear
#| export
def linear(x, weight, bias):
    return (x @ weight.T + bias).astype(np.float32)
