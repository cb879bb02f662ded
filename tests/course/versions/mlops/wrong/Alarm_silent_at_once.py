# why: the first good value ends it

# %% Alarm.update
def update(self, value):
    if not math.isnan(value):
        bad = value < self.limit if self.below else value > self.limit
        self.streak = self.streak + 1 if bad != self.ringing else 0
        if self.streak >= (1 if self.ringing else self.patience):
            self.ringing, self.streak = not self.ringing, 0
    return self.ringing
