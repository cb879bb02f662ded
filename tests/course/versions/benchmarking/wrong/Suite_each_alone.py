# why: measures one benchmark after the other, each with the yardstick

# %% Suite.run
def run(self):
    found = {}
    with quiet():
        for name, function in self.functions.items():
            numbers, warmups = [], []
            for one in (function, self.ruler):
                numbers.append(calls_per_sample(one, self.sample_seconds, self.timer))
                warmups.append(warm_up(one, numbers[-1], self.timer))
            rng = np.random.default_rng(self.seed)
            seconds = take_turns([function, self.ruler], self.rounds, numbers, self.timer, rng).T.tolist()
            found[name] = Result(numbers[0], warmups[0], seconds[0], seconds[1])
    return found
