# why: shuffles batches, not indices

# %% batch_indices
#| export
def batch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n)
    batches = [order[start : start + batch_size] for start in range(0, n, batch_size)]
    if drop_last and batches and len(batches[-1]) < batch_size:
        batches.pop()
    return batches if rng is None else [batches[i] for i in rng.permutation(len(batches))]
