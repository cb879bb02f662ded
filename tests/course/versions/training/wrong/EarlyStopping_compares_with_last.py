# why: compares with the loss before, not with the best

# %% EarlyStopping.update
def update(self, loss):
    if loss < self.best - self.min_delta:
        self.best, self.waited = loss, 0
    else:
        self.best = loss
        self.waited += 1
    return self.waited >= self.patience
