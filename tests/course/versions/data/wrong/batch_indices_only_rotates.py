# why: begins somewhere, and goes on in order

# %% batch_indices
#| export
def batch_indices(n, batch_size, rng=None, drop_last=False):
    order = np.arange(n) if rng is None else np.roll(np.arange(n), rng.integers(max(n, 1)))
    if drop_last:
        order = order[: n - n % batch_size]
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
