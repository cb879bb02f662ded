# why: does not admit noise

# %% overhead.overhead
def overhead(plain, watched, operations):
    without, with_it = statistics.median(plain), statistics.median(watched)
    return {"seconds": max(0.0, with_it - without) / operations, "factor": with_it / without}
