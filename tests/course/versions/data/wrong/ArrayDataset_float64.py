# why: delivers float64

# %% ArrayDataset.sample
def sample(self, index, rng):
    image, *others = (array[index] for array in self.arrays)
    if image.dtype == np.uint8:
        image = image / 255.0 * np.ones(1)
    if self.transform is not None:
        image = self.transform(image, rng)
    return image, *(other.item() if np.ndim(other) == 0 else other for other in others)
