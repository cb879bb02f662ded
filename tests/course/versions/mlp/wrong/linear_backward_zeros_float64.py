# why: adds up sample by sample in float64 arrays

# %% linear_backward
#| export
def linear_backward(grad, out, x, weight, bias):
    dweight, dbias = np.zeros(weight.shape), np.zeros(bias.shape)
    for g, sample in zip(grad, x, strict=True):
        dweight += np.outer(g, sample)
        dbias += g
    return grad @ weight, dweight, dbias
