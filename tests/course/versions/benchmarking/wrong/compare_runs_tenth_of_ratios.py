# why: the lower tenth of the ratios

# %% compare_runs.yardsticks
def yardsticks(result, resamples, rng):
    logs = np.log([result.seconds, result.yardstick])
    ratios = logs[0] - logs[1]
    value = np.quantile(ratios, 0.1)
    draws = quantile_draws(ratios, 0.1, resamples, rng)
    return float(value), draws
