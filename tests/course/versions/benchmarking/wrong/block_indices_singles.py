# why: draws single samples

# %% block_indices.quantile_draws
def quantile_draws(values, q, resamples, rng):
    values = np.asarray(values)
    return np.quantile(values[block_indices(len(values), 1, resamples, rng)], q, axis=1)
