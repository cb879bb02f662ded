# why: draws for the new run first

# %% compare_runs.compare_runs
def compare_runs(old, new, tolerance=0.03, level=0.95, resamples=2000, seed=0):
    rng = np.random.default_rng(seed)
    now, new_draws = yardsticks(new, resamples, rng)
    before, old_draws = yardsticks(old, resamples, rng)
    low, high = np.exp(middle(new_draws - old_draws, level)).tolist()
    delta = cliffs_delta(np.divide(new.seconds, new.yardstick), np.divide(old.seconds, old.yardstick))
    return Comparison(math.exp(now - before), low, high, delta, verdict(low, high, tolerance))
