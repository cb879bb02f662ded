# why: best follows small improvements that do not count

# %% EarlyStopping.update
def update(self, loss):
    if loss < self.best - self.min_delta:
        self.best, self.waited = loss, 0
    else:
        self.best = min(self.best, loss)
        self.waited += 1
    return self.waited >= self.patience
