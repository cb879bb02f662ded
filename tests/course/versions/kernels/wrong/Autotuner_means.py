# why: means instead of medians

# %% Autotuner.choose
def choose(self, key, make):
    if key not in self.choices:
        calls = self.warm_up(make)
        able = [i for i, call in enumerate(calls) if call is not None]
        if not able:
            raise ValueError(f"none of the {len(calls)} candidates can do {key}")
        times = {i: [] for i in able}
        for i in able * self.rounds:
            start = self.clock()
            calls[i]()
            times[i].append(self.clock() - start)
        self.seconds[key] = [statistics.mean(times[i]) if i in times else None for i in range(len(calls))]
        self.choices[key] = self.candidates[min(able, key=lambda i: self.seconds[key][i])]
    return self.choices[key]
