# why: takes turns with the module's own yardstick instead of the suite's ruler

# %% Suite.run
def run(self):
    numbers, warmups = [], []
    with quiet():
        for function in [*self.functions.values(), self.ruler]:
            numbers.append(calls_per_sample(function, self.sample_seconds, self.timer))
            warmups.append(warm_up(function, numbers[-1], self.timer))
        functions, rng = [*self.functions.values(), yardstick], np.random.default_rng(self.seed)
        seconds = take_turns(functions, self.rounds, numbers, self.timer, rng)
    columns = seconds.T.tolist()
    return {name: Result(numbers[i], warmups[i], columns[i], columns[-1]) for i, name in enumerate(self.functions)}
