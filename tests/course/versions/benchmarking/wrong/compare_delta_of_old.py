# why: delta the wrong way round, and turned

# %% compare.compare
def compare(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    if len(old) != len(new):
        raise ValueError("not the same rounds")
    logs = np.log(new) - np.log(old)
    rng = np.random.default_rng(seed)
    low, high = np.exp(middle(quantile_draws(logs, 0.5, resamples, rng), level)).tolist()
    return Comparison(math.exp(np.median(logs)), low, high, cliffs_delta(logs, [0.0]), verdict(low, high, tolerance))
