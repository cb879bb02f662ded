# why: forgot that weight has a row for every output

# %% linear
#| export
def linear(x, weight, bias):
    return x @ weight + bias
