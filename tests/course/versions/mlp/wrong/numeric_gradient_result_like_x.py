# why: result in the dtype of x instead of float64
# loses: check_numeric_gradient

# %% numeric_gradient
#| export
def numeric_gradient(f, x, eps=1e-6):
    """Gradient of `f` at `x` by central differences: (f(x + eps) - f(x - eps)) / (2 eps), one number of x at a time.

    f: function from an array to a single number
    x: array (or number) of any shape and dtype; it is not changed
    eps: half the distance between the two evaluations
    Returns a float64 array of x's shape.

    numeric_gradient(lambda a: (a ** 2).sum(), np.array([1.0, 3.0]))  is close to  [2, 6]      (about 10 lines)
    Hint: work on a float64 copy of x, `np.array(x, dtype=np.float64)`. `for index in np.ndindex(x.shape)` visits
    every number, also of a 0-d array. Put the number back before you go to the next.
    """
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
