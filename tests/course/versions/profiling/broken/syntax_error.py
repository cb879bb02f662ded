# why: a colon is missing

# %% overhead
#| export
def overhead(plain, watched, operations)
    without, with_it = statistics.median(plain), statistics.median(watched)
    return {"seconds": (with_it - without) / operations, "factor": with_it / without}
