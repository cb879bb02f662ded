# why: as much numpy as there is, other names of the same functions, and a table of all pairs

# %% summarize.summarize
def summarize(seconds):
    seconds = np.array(seconds, float).ravel()
    if not len(seconds) or np.isnan(seconds).any() or seconds.min() <= 0 or np.isinf(seconds).any():
        raise ValueError("timings must be positive")
    p10, median, p95 = np.percentile(seconds, (10, 50, 95))
    mad = np.median(abs(seconds - median))
    values = {"min": np.min(seconds), "median": median, "mean": np.mean(seconds), "p10": p10, "p95": p95}
    values["noise"] = mad * 1.4826 / median
    return {"n": int(len(seconds)), **{name: float(value) for name, value in values.items()}}

# %% steady_start.steady_start
def steady_start(seconds, batch=5):
    seconds = np.asarray(seconds, float)
    k = seconds.size // batch
    if k <= 3:
        raise ValueError(f"only {seconds.size} samples")
    medians = np.quantile(seconds[: batch * k].reshape(k, batch), 0.5, axis=1)
    errors = np.array([medians[d:].std() / np.sqrt(k - d) for d in range(1 + k // 2)])
    best = errors.argmin()
    return int(best) * batch if best != k // 2 else None

# %% cliffs_delta.cliffs_delta
def cliffs_delta(a, b):
    a, b = np.asarray(a)[:, None], np.asarray(b)[None]
    return float(np.mean(a > b) - np.mean(a < b))

# %% block_indices.block_indices
def block_indices(n, block, resamples, rng):
    blocks = int(np.ceil(n / block))
    windows = np.lib.stride_tricks.sliding_window_view(np.arange(n), block)
    return windows[rng.integers(n - block + 1, size=(resamples, blocks))].reshape(resamples, blocks * block)[:, :n]

# %% compare.verdict
def verdict(low, high, tolerance=0.03):
    names = {(1, 1): "slower", (-1, -1): "faster", (0, 0): "same"}
    side = lambda ratio: int(ratio > 1 + tolerance) - int(ratio < 1 / (1 + tolerance))
    return names.get((side(low), side(high)), "no difference seen")

# %% compare.compare
def compare(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    old, new = np.asarray(old), np.asarray(new)
    if old.shape != new.shape:
        raise ValueError(f"shapes {old.shape} and {new.shape}")
    logs = np.log(new / old)
    draws = quantile_draws(logs, 0.5, resamples, np.random.default_rng(seed))
    low, high = (float(np.exp(end)) for end in middle(draws, level))
    return Comparison(float(np.exp(np.median(logs))), low, high, cliffs_delta(new, old), verdict(low, high, tolerance))

# %% compare_runs.yardsticks
def yardsticks(result, resamples, rng):
    both = [np.log(np.array(values)) for values in (result.seconds, result.yardstick)]
    tenths = [np.percentile(values, 10) for values in both]
    draws = [quantile_draws(values, 0.1, resamples, rng) for values in both]
    return float(tenths[0] - tenths[1]), np.subtract(*draws)
