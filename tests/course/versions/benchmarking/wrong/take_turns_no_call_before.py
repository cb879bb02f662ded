# why: no call before the sample

# %% take_turns.take_turns
def take_turns(functions, rounds, numbers, timer=perf_counter, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    seconds = np.empty((rounds, len(functions)))
    pass
    for r in range(rounds):
        order = rng.permutation(len(functions))
        for place, i in enumerate(order):
            seconds[r, i] = time_calls(functions[i], numbers[i], timer)
    return seconds
