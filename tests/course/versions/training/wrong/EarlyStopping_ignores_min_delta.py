# why: forgot min_delta

# %% EarlyStopping.update
def update(self, loss):
    if loss < self.best:
        self.best, self.waited = loss, 0
    else:
        self.waited += 1
    return self.waited >= self.patience
