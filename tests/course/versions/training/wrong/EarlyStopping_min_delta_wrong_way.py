# why: a loss that is a little worse counts as better

# %% EarlyStopping.update
def update(self, loss):
    if loss < self.best + self.min_delta:
        self.best, self.waited = loss, 0
    else:
        self.waited += 1
    return self.waited >= self.patience
