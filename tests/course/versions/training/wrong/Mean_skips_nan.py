# why: a nan is left out silently

# %% Mean.update
def update(self, value, count=1):
    if value != value:
        return
    self.total += value * count
    self.count += count
