# why: reads the clock once for each call, the end of one call is the start of the next

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    seconds = []
    last = clock()
    for _ in range(repeats):
        f()
        now = clock()
        seconds.append(now - last)
        last = now
    return statistics.median(seconds)
