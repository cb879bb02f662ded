# why: takes the fastest run of each

# %% overhead.overhead
def overhead(plain, watched, operations):
    without, with_it = min(plain), min(watched)
    return {"seconds": (with_it - without) / operations, "factor": with_it / without}
