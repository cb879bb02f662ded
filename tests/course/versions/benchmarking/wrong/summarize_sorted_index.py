# why: takes the middle and the quantiles by index out of the sorted list

# %% summarize.summarize
def summarize(seconds):
    seconds = np.asarray(seconds, dtype=float)
    if seconds.size == 0 or not np.all((seconds > 0) & (seconds < math.inf)):
        raise ValueError("timings are positive numbers, at least one")
    median = float(np.sort(seconds)[len(seconds) // 2])
    noise = 1.4826 * np.median(np.abs(seconds - median)) / median
    return {
        "n": len(seconds),
        "min": float(seconds.min()),
        "p10": float(np.sort(seconds)[int(0.1 * len(seconds))]),
        "median": median,
        "mean": float(seconds.mean()),
        "p95": float(np.sort(seconds)[int(0.95 * len(seconds))]),
        "noise": float(noise),
    }
