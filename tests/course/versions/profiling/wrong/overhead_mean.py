# why: takes the mean of each

# %% overhead.overhead
def overhead(plain, watched, operations):
    without, with_it = statistics.mean(plain), statistics.mean(watched)
    return {"seconds": (with_it - without) / operations, "factor": with_it / without}
