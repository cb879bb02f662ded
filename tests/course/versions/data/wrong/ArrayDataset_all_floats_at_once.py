# why: turns all images into floats when it is made

# %% ArrayDataset.__init__
def __init__(self, *arrays, transform=None):
    if len({len(array) for array in arrays}) != 1:
        raise ValueError(f"lengths {[len(array) for array in arrays]}")
    first = arrays[0].astype(np.float32) / 255 if arrays[0].dtype == np.uint8 else arrays[0]
    self.arrays, self.transform = (first, *arrays[1:]), transform
