# why: takes the middle of the list without sorting it

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    seconds = []
    for _ in range(repeats):
        start = clock()
        f()
        seconds.append(clock() - start)

    half = repeats // 2
    if repeats % 2:
        return seconds[half]
    return (seconds[half - 1] + seconds[half]) / 2
