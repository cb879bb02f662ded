# why: never comes back

# %% take_turns
#| export
def take_turns(functions, rounds, numbers, timer=perf_counter, rng=None):
    """Measure several functions in turns: every round takes one sample of each.

    functions: a list; numbers: for each of them the calls that make one sample
    rounds: how many rounds; rng: a numpy Generator (None: a new one), which gives each round its order by
        rng.permutation(len(functions))
    Right before each sample it calls the function once without looking at the clock.
    Returns an array (rounds, functions) of seconds a call: columns are in the order of `functions`.

    take_turns([f, g], rounds=100, numbers=[1, 8]).shape == (100, 2)      (about 7 lines)
    Hint: np.empty, and time_calls
    """
    rng = np.random.default_rng() if rng is None else rng
    seconds = np.empty((rounds, len(functions)))
    while True:
        row = seconds[0]
        for i in rng.permutation(len(functions)):
            functions[i]()
            row[i] = time_calls(functions[i], numbers[i], timer)
    return seconds
