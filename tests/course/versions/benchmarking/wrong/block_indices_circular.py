# why: blocks that go on at the beginning

# %% block_indices.block_indices
def block_indices(n, block, resamples, rng):
    starts = rng.integers(0, n, size=(resamples, -(-n // block)))
    return (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :n] % n
