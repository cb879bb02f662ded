# why: draws single samples
# loses: check_block_indices check_compare check_compare_runs

# %% block_indices.quantile_draws
def quantile_draws(values, q, resamples, rng):
    values = np.asarray(values)
    return np.quantile(values[block_indices(len(values), 1, resamples, rng)], q, axis=1)
