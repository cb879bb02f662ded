# why: 0 before anything came

# %% Mean.value
@property
def value(self):
    return self.total / self.count if self.count else 0.0
