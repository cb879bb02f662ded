# why: a good value in between does not count

# %% Alarm.update
def update(self, value):
    if not math.isnan(value):
        bad = value < self.limit if self.below else value > self.limit
        self.streak = self.streak + 1 if bad != self.ringing else self.streak
        if self.streak >= self.patience:
            self.ringing, self.streak = not self.ringing, 0
    return self.ringing
