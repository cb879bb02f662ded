# why: 0 before anything came
# loses: check_Mean

# %% Mean.value
@property
def value(self):
    return self.total / self.count if self.count else 0.0
