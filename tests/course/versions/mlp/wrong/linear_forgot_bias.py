# why: no bias
# loses: check_linear check_mlp_gradients check_Linear check_Sequential check_train_epoch

# %% linear
#| export
def linear(x, weight, bias):
    """A linear layer: weighted sums of the inputs, plus a bias.

    x: array (N, in_features)
    weight: array (out_features, in_features)
    bias: array (out_features,)
    Returns an array (N, out_features), of the inputs' dtype.
    Raises ValueError when in_features differ (numpy's matrix product does that for you).

    linear(np.ones((64, 784)), np.zeros((10, 784)), np.ones(10)).shape == (64, 10)      (about 1 line)
    Hint: `.T` turns a matrix, `@` multiplies two; the bias broadcasts.
    """
    return x @ weight.T
