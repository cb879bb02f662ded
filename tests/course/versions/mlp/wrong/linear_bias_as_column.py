# why: bias as a column instead of a row

# %% linear
#| export
def linear(x, weight, bias):
    return x @ weight.T + bias[:, None]
