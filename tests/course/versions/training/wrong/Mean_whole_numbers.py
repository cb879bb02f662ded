# why: rounds the total

# %% Mean.update
def update(self, value, count=1):
    self.total += int(value * count)
    self.count += count
