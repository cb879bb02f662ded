# why: numpy's numbers instead of Python's

# %% summarize.summarize
def summarize(seconds):
    seconds = np.asarray(seconds, dtype=float)
    if seconds.size == 0 or not np.all((seconds > 0) & (seconds < math.inf)):
        raise ValueError("timings are positive numbers, at least one")
    median = np.median(seconds)
    noise = 1.4826 * np.median(np.abs(seconds - median)) / median
    return {
        "n": len(seconds),
        "min": float(seconds.min()),
        "p10": np.quantile(seconds, 0.1),
        "median": median,
        "mean": float(seconds.mean()),
        "p95": float(np.quantile(seconds, 0.95)),
        "noise": float(noise),
    }
