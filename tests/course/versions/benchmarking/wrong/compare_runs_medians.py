# why: medians instead of the lower tenth

# %% compare_runs.yardsticks
def yardsticks(result, resamples, rng):
    logs = np.log([result.seconds, result.yardstick])
    value = np.subtract(*np.quantile(logs, 0.5, axis=1))
    draws = quantile_draws(logs[0], 0.5, resamples, rng) - quantile_draws(logs[1], 0.5, resamples, rng)
    return float(value), draws
