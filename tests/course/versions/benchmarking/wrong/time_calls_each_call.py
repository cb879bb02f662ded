# why: looks at the clock around every call

# %% time_calls.time_calls
def time_calls(function, number=1, timer=perf_counter):
    total = 0.0
    for _ in range(number):
        start = timer()
        function()
        total += timer() - start
    return total / number
