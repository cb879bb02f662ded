# why: leaves out calls that took no time by the clock

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    seconds = []
    for _ in range(repeats):
        start = clock()
        f()
        elapsed = clock() - start
        if elapsed > 0:
            seconds.append(elapsed)
    return statistics.median(seconds) if seconds else 0.0
