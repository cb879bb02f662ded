# why: shuffles inside each batch only

# %% batch_indices
#| export
def batch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n)
    if drop_last:
        order = order[: n - n % batch_size]
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    return batches if rng is None else [rng.permutation(batch) for batch in batches]
