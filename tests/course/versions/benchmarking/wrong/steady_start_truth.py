# why: takes 0, steady from the beginning, for not steady

# %% steady_start.warm_up
def warm_up(function, number=1, timer=perf_counter, batch=5, most=200):
    samples = [time_calls(function, number, timer) for _ in range(4 * batch)]
    while not steady_start(samples, batch):
        if len(samples) >= most:
            return None
        samples += [time_calls(function, number, timer) for _ in range(batch)]
    return len(samples)
