# why: two good values end it, however patient it is

# %% Alarm.update
def update(self, value):
    if not math.isnan(value):
        bad = value < self.limit if self.below else value > self.limit
        self.streak = self.streak + 1 if bad != self.ringing else 0
        if self.streak >= (min(2, self.patience) if self.ringing else self.patience):
            self.ringing, self.streak = not self.ringing, 0
    return self.ringing
