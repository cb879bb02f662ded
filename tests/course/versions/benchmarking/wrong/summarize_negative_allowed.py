# why: looks for zeros, nan and infinity, and lets negative timings pass

# %% summarize.summarize
def summarize(seconds):
    seconds = np.asarray(seconds, dtype=float)
    if seconds.size == 0 or not np.isfinite(1 / np.where(seconds == 0, np.nan, seconds)).all() or not np.isfinite(seconds).all():
        raise ValueError("timings are positive numbers, at least one")
    median = float(np.median(seconds))
    noise = 1.4826 * np.median(np.abs(seconds - median)) / median
    return {
        "n": len(seconds),
        "min": float(seconds.min()),
        "p10": float(np.quantile(seconds, 0.1)),
        "median": median,
        "mean": float(seconds.mean()),
        "p95": float(np.quantile(seconds, 0.95)),
        "noise": float(noise),
    }
