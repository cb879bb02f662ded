# why: turns weight only if the shapes would not fit: wrong for square weights

# %% linear
#| export
def linear(x, weight, bias):
    if x.shape[1] != weight.shape[0]:
        weight = weight.T
    return x @ weight + bias
