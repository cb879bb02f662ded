# why: looks for the gap at the values of a only

# %% ks_test.ks_test
def ks_test(a, b):
    a, b = np.sort(a), np.sort(b)
    if len(a) == 0 or len(b) == 0:
        raise ValueError("two samples are needed, and one of them is empty")
    x = a
    gap = np.abs(np.searchsorted(a, x, side="right") / len(a) - np.searchsorted(b, x, side="right") / len(b)).max()
    return float(gap), kolmogorov(gap * math.sqrt(len(a) * len(b) / (len(a) + len(b))))
