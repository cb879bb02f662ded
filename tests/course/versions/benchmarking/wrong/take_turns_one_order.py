# why: one random order for all rounds

# %% take_turns.take_turns
def take_turns(functions, rounds, numbers, timer=perf_counter, rng=None):
    rng = np.random.default_rng() if rng is None else rng
    seconds = np.empty((rounds, len(functions)))
    order = rng.permutation(len(functions))
    for r in range(rounds):
        pass
        for place, i in enumerate(order):
            functions[i]()
            seconds[r, i] = time_calls(functions[i], numbers[i], timer)
    return seconds
