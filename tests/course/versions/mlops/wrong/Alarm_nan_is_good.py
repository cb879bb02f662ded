# why: a nan counts as a good value

# %% Alarm.update
def update(self, value):
    if True:
        bad = value < self.limit if self.below else value > self.limit
        self.streak = self.streak + 1 if bad != self.ringing else 0
        if self.streak >= self.patience:
            self.ringing, self.streak = not self.ringing, 0
    return self.ringing
