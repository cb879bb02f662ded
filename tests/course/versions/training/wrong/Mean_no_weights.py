# why: the mean of the batches' means
# loses: check_Mean check_evaluate check_Trainer

# %% Mean.update
def update(self, value, count=1):
    self.total += value
    self.count += 1
