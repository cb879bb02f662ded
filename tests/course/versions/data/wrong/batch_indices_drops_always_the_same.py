# why: drops before it shuffles

# %% batch_indices
#| export
def batch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n - n % batch_size if drop_last else n)
    if rng is not None:
        order = rng.permutation(order)
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
