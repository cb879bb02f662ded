# why: draws (blocks, resamples) numbers, so that resamples share a stream in another order

# %% block_indices.block_indices
def block_indices(n, block, resamples, rng):
    starts = rng.integers(0, n - block + 1, size=(-(-n // block), resamples)).T
    return (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :n]
