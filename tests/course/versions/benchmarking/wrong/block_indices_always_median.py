# why: the median, whatever the quantile

# %% block_indices.quantile_draws
def quantile_draws(values, q, resamples, rng):
    values = np.asarray(values)
    indices = block_indices(len(values), round(len(values) ** (1 / 3)), resamples, rng)
    return np.median(values[indices], axis=1)
