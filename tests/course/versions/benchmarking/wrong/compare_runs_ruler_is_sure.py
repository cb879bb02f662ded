# why: takes the yardstick as if there were no doubt about it

# %% compare_runs.yardsticks
def yardsticks(result, resamples, rng):
    logs = np.log([result.seconds, result.yardstick])
    value = np.subtract(*np.quantile(logs, 0.1, axis=1))
    draws = quantile_draws(logs[0], 0.1, resamples, rng) - np.quantile(logs[1], 0.1)
    return float(value), draws
