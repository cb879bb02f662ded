# why: the fastest call instead of the median

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    seconds = []
    for _ in range(repeats):
        start = clock()
        f()
        seconds.append(clock() - start)
    return min(seconds)
