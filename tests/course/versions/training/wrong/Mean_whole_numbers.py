# why: rounds the total
# loses: check_Mean check_evaluate check_Trainer

# %% Mean.update
def update(self, value, count=1):
    self.total += int(value * count)
    self.count += count
