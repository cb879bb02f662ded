# why: calls f once more, to warm up

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    f()
    seconds = []
    for _ in range(repeats):
        start = clock()
        f()
        seconds.append(clock() - start)
    return statistics.median(seconds)
