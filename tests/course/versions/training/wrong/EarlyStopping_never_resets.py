# why: does not forget that it waited

# %% EarlyStopping.update
def update(self, loss):
    if loss < self.best - self.min_delta:
        self.best = loss
    else:
        self.waited += 1
    return self.waited >= self.patience
