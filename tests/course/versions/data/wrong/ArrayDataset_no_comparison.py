# why: does not compare lengths
# loses: check_ArrayDataset

# %% ArrayDataset.__init__
def __init__(self, *arrays, transform=None):
    self.arrays, self.transform = arrays, transform
