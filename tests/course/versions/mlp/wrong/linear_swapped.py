# why: factors swapped: the result lies on its side

# %% linear
#| export
def linear(x, weight, bias):
    return weight @ x.T + bias[:, None]
