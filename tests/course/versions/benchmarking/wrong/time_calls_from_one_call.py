# why: computes the number from the time of a single call instead of trying

# %% time_calls.calls_per_sample
def calls_per_sample(function, at_least=5e-4, timer=perf_counter, most=2**20):
    function()
    one, number = time_calls(function, 1, timer), 1
    while number < most and number * one < at_least:
        number *= 2
    return number
