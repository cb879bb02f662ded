# why: does not compare lengths

# %% ArrayDataset.__init__
def __init__(self, *arrays, transform=None):
    self.arrays, self.transform = arrays, transform
