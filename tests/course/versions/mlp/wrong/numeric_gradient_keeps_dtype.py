# why: copies x in its own dtype: ints lose the nudge, float32 rounds it

# %% numeric_gradient
#| export
def numeric_gradient(f, x, eps=1e-6):
    x = np.array(x)
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + eps
        up = f(x)
        x[index] = kept - eps
        down = f(x)
        x[index] = kept
        result[index] = (up - down) / (2 * eps)
    return result
