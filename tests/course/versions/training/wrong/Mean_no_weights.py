# why: the mean of the batches' means

# %% Mean.update
def update(self, value, count=1):
    self.total += value
    self.count += 1
