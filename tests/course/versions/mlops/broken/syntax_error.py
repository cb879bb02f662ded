# why: a colon is missing

# %% ks_test
#| export
def kolmogorov(x):
    """The chance that a scaled gap exceeds x if nothing has changed: a float (Kolmogorov 1933, for large samples)."""
    if x < 0.2:  # 1 up to the twelfth digit, and the series would need many terms
        return 1.0
    k = np.arange(1, 101)
    return float(2 * ((-1.0) ** (k - 1) * np.exp(-2 * (k * x) ** 2)).sum())


def ks_test(a, b)
    """Kolmogorov-Smirnov test of two samples.

    a, b: arrays (n,) and (m,) of finite numbers, in any order; equal ones may occur
    Returns (gap, p), two floats: the largest distance between the share of `a` and the share of `b` that is at most x,
    over all x, and `kolmogorov` of the scaled gap, see above.
    Raises ValueError where one of them is empty.

    ks_test([1, 2, 3, 4], [3, 4, 5, 6])[0] == 0.5      (about 7 lines)
    Hint: the gap can only grow at a value of one of the samples. np.searchsorted(sorted_a, x, side="right") is how many
    of a are at most x, also for an array x.
    """
    a, b = np.sort(a), np.sort(b)
    if len(a) == 0 or len(b) == 0:
        raise ValueError("two samples are needed, and one of them is empty")
    x = np.concatenate([a, b])
    gap = np.abs(np.searchsorted(a, x, side="right") / len(a) - np.searchsorted(b, x, side="right") / len(b)).max()
    return float(gap), kolmogorov(gap * math.sqrt(len(a) * len(b) / (len(a) + len(b))))
