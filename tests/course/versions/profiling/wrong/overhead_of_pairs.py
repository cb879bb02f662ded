# why: takes the median of differences, pair by pair, although the lists belong to different runs

# %% overhead.overhead
def overhead(plain, watched, operations):
    without, with_it = statistics.median(plain), statistics.median(watched)
    return {"seconds": statistics.median(w - p for p, w in zip(plain, watched)) / operations, "factor": with_it / without}
