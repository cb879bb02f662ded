# why: the warm-up only looks at the last four batches

# %% steady_start.warm_up
def warm_up(function, number=1, timer=perf_counter, batch=5, most=200):
    samples = [time_calls(function, number, timer) for _ in range(4 * batch)]
    while steady_start(samples[-4 * batch :], batch) is None:
        if len(samples) >= most:
            return None
        samples += [time_calls(function, number, timer) for _ in range(batch)]
    return len(samples)
