# why: the last block is never drawn

# %% block_indices.block_indices
def block_indices(n, block, resamples, rng):
    starts = rng.integers(0, max(1, n - block), size=(resamples, -(-n // block)))
    return (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :n]
