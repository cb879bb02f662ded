# why: an equal loss counts as an improvement

# %% EarlyStopping.update
def update(self, loss):
    if loss <= self.best - self.min_delta:
        self.best, self.waited = loss, 0
    else:
        self.waited += 1
    return self.waited >= self.patience
