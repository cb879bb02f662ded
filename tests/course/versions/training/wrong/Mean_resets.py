# why: only remembers the last
# loses: check_Mean check_evaluate check_Trainer

# %% Mean.update
def update(self, value, count=1):
    self.total, self.count = value * count, count
