# why: no copy: works on x itself and puts it back with += eps

# %% numeric_gradient
#| export
def numeric_gradient(f, x, eps=1e-6):
    x = np.asarray(x, dtype=np.float64)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        x[index] += eps
        up = f(x)
        x[index] -= 2 * eps
        down = f(x)
        x[index] += eps
        result[index] = (up - down) / (2 * eps)
    return result
