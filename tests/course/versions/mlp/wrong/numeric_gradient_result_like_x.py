# why: result in the dtype of x instead of float64

# %% numeric_gradient
#| export
def numeric_gradient(f, x, eps=1e-6):
    result = np.zeros_like(x)
    x = np.array(x, dtype=np.float64)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        up = f(x)
        x[index] = kept - eps
        down = f(x)
        x[index] = kept
        result[index] = (up - down) / (2 * eps)
    return result
