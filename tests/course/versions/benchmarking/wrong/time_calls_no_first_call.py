# why: the cold first call counts

# %% time_calls.calls_per_sample
def calls_per_sample(function, at_least=5e-4, timer=perf_counter, most=2**20):
    number = 1
    while number < most and number * time_calls(function, number, timer) < at_least:
        number *= 2
    return number
