# why: one reading between two calls, in place of one before and one after each

# %% Autotuner.choose
def choose(self, key, make):
    if key not in self.choices:
        calls = self.warm_up(make)
        able = [i for i, call in enumerate(calls) if call is not None]
        if not able:
            raise ValueError(f"none of the {len(calls)} candidates can do {key}")
        times, before = {i: [] for i in able}, self.clock()
        for i in able * self.rounds:
            calls[i]()
            after = self.clock()
            times[i].append(after - before)
            before = after
        self.seconds[key] = [statistics.median(times[i]) if i in times else None for i in range(len(calls))]
        self.choices[key] = self.candidates[min(able, key=lambda i: self.seconds[key][i])]
    return self.choices[key]
