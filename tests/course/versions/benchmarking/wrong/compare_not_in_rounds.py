# why: sorts both before: no rounds any more

# %% compare.compare
def compare(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    if len(old) != len(new):
        raise ValueError("not the same rounds")
    logs = np.log(np.sort(new)) - np.log(np.sort(old))
    rng = np.random.default_rng(seed)
    low, high = np.exp(middle(quantile_draws(logs, 0.5, resamples, rng), level)).tolist()
    return Comparison(math.exp(np.median(logs)), low, high, cliffs_delta(new, old), verdict(low, high, tolerance))
