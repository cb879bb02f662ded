# why: the upper of the middle two for an even number

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    seconds = []
    for _ in range(repeats):
        start = clock()
        f()
        seconds.append(clock() - start)
    return sorted(seconds)[repeats // 2]
