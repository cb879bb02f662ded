# why: drops the last batch even if it is full

# %% batch_indices
#| export
def batch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else rng.permutation(n)
    batches = [order[start : start + batch_size] for start in range(0, n, batch_size)]
    return batches[:-1] if drop_last else batches
