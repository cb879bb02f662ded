# why: reshapes x until it fits, so samples of a wrong length are cut up instead of refused

# %% linear
#| export
def linear(x, weight, bias):
    x = x.reshape(-1, weight.shape[1])
    return x @ weight.T + bias
