# why: median of the ends minus median of the starts

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    starts, ends = [], []
    for _ in range(repeats):
        starts.append(clock())
        f()
        ends.append(clock())
    return statistics.median(ends) - statistics.median(starts)
