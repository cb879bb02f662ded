# why: asking for the value starts afresh

# %% Mean.value
@property
def value(self):
    result = self.total / self.count if self.count else math.nan
    self.total, self.count = 0.0, 0
    return result
