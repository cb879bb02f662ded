# why: fills an array of np.zeros, which is float64 also for float32
# loses: check_linear

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
    out = np.zeros((len(x), len(weight)))
    out += x @ weight.T
    out += bias
    return out
