# why: forgot to multiply

# %% Mean.update
def update(self, value, count=1):
    self.total += value
    self.count += count
