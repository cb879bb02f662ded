# why: not worse counts as better: so does nan

# %% EarlyStopping.update
def update(self, loss):
    if loss >= self.best - self.min_delta:
        self.waited += 1
    else:
        self.best, self.waited = loss, 0
    return self.waited >= self.patience
