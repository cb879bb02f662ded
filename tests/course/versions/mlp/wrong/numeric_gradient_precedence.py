# why: / 2 * eps instead of / (2 * eps)

# %% numeric_gradient
#| export
def numeric_gradient(f, x, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        up = f(x)
        x[index] = kept - eps
        down = f(x)
        x[index] = kept
        result[index] = (up - down) / 2 * eps
    return result
