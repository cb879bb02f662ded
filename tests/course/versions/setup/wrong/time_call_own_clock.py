# why: reads time.perf_counter, whatever clock it is given
# loses: check_time_call

# %% time_call
#| export
def time_call(f, repeats=5, clock=time.perf_counter):
    """Median of the seconds that a call of `f` takes.

    f: function without arguments, called exactly `repeats` times
    repeats: an int, 1 or more; for an even number, the median is the mean of the middle two
    clock: function without arguments that returns seconds; read twice a call, directly before and directly after it

    time_call(lambda: sum(range(1000)), repeats=9)      (about 6 lines)
    Hint: collect the differences in a list; statistics.median.
    """
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        f()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)
