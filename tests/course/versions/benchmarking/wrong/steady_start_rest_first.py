# why: leaves out samples at the beginning instead of the end

# %% steady_start.steady_start
def steady_start(seconds, batch=5):
    k = len(seconds) // batch
    if k < 4:
        raise ValueError(f"{len(seconds)} samples are too few")
    rows = np.reshape(seconds[len(seconds) - k * batch :], (k, batch))
    middle_of = np.median(rows, axis=1)
    errors = [np.var(middle_of[d:]) / (k - d) for d in range(k // 2 + 1)]
    best = int(np.argmin(errors))
    return None if best == k // 2 else batch * best
