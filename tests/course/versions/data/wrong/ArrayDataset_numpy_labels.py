# why: delivers numpy's numbers

# %% ArrayDataset.sample
def sample(self, index, rng):
    image, *others = (array[index] for array in self.arrays)
    if image.dtype == np.uint8:
        image = image / np.float32(255)
    if self.transform is not None:
        image = self.transform(image, rng)
    return (image, *others)
