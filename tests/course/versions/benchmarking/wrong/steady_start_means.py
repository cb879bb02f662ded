# why: means of the batches: a hiccup decides

# %% steady_start.steady_start
def steady_start(seconds, batch=5):
    k = len(seconds) // batch
    if k < 4:
        raise ValueError(f"{len(seconds)} samples are too few")
    rows = np.reshape(seconds[: k * batch], (k, batch))
    middle_of = np.mean(rows, axis=1)
    errors = [np.var(middle_of[d:]) / (k - d) for d in range(k // 2 + 1)]
    best = int(np.argmin(errors))
    return None if best == k // 2 else batch * best
