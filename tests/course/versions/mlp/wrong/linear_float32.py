# why: turns everything into float32

# %% linear
#| export
def linear(x, weight, bias):
    return (x @ weight.T + bias).astype(np.float32)
