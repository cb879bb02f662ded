# why: reads time.perf_counter, whatever clock it is given

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        f()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
