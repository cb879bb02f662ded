# why: only remembers the last

# %% Mean.update
def update(self, value, count=1):
    self.total, self.count = value * count, count
