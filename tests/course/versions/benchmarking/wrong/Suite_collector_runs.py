# why: pins the threads, but lets the garbage collector run

# %% Suite.run
def run(self):
    functions, numbers, warmups = [*self.functions.values(), self.ruler], [], []
    with threadpool_limits(1):
        for function in functions:
            numbers.append(calls_per_sample(function, self.sample_seconds, self.timer))
            warmups.append(warm_up(function, numbers[-1], self.timer))
        rng = np.random.default_rng(self.seed)
        seconds = take_turns(functions, self.rounds, numbers, self.timer, rng)
    columns = seconds.T.tolist()
    return {name: Result(numbers[i], warmups[i], columns[i], columns[-1]) for i, name in enumerate(self.functions)}
