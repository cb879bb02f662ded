# why: one-sided difference

# %% numeric_gradient
#| export
def numeric_gradient(f, x, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    result = np.zeros(x.shape)
    start = f(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        result[index] = (f(x) - start) / eps
        x[index] = kept
    return result
