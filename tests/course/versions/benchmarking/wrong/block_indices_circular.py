# why: blocks that go on at the beginning
# loses: check_block_indices check_compare check_compare_runs

# %% block_indices.block_indices
def block_indices(n, block, resamples, rng):
    starts = rng.integers(0, n, size=(resamples, -(-n // block)))
    return (starts[:, :, None] + np.arange(block)).reshape(resamples, -1)[:, :n] % n
