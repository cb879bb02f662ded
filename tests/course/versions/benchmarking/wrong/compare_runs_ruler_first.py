# why: draws the yardstick first

# %% compare_runs.yardsticks
def yardsticks(result, resamples, rng):
    logs = np.log([result.seconds, result.yardstick])
    value = np.subtract(*np.quantile(logs, 0.1, axis=1))
    yardstick = quantile_draws(logs[1], 0.1, resamples, rng)
    draws = quantile_draws(logs[0], 0.1, resamples, rng) - yardstick
    return float(value), draws
