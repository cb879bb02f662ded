# why: // for the mean of the middle two: (1 + 2) // 2 is 1

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    seconds = []
    for _ in range(repeats):
        start = clock()
        f()
        seconds.append(clock() - start)

    seconds.sort()
    half = repeats // 2
    if repeats % 2 == 1:
        return seconds[half]
    return (seconds[half - 1] + seconds[half]) // 2
