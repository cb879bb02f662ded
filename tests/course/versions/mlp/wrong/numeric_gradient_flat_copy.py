# why: nudges x.reshape(-1), which is a copy if x was transposed

# %% numeric_gradient
#| export
def numeric_gradient(f, x, eps=1e-6):
    x = np.array(x, dtype=np.float64)
    flat, result = x.reshape(-1), np.zeros(x.size)
    for i in range(x.size):
        kept = flat[i]
        flat[i] = kept + eps
        up = f(x)
        flat[i] = kept - eps
        down = f(x)
        flat[i] = kept
        result[i] = (up - down) / (2 * eps)
    return result.reshape(x.shape)
