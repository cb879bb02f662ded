# why: compares the first two lengths only

# %% ArrayDataset.__init__
def __init__(self, *arrays, transform=None):
    if len({len(array) for array in arrays[:2]}) != 1:
        raise ValueError(f"lengths {[len(array) for array in arrays]}")
    self.arrays, self.transform = arrays, transform
