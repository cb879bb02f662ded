# why: scales all uint8 arrays

# %% ArrayDataset.sample
def sample(self, index, rng):
    image, *others = (array[index] for array in self.arrays)
    if image.dtype == np.uint8:
        image = image / np.float32(255)
    if self.transform is not None:
        image = self.transform(image, rng)
    return image, *(other.item() if np.ndim(other) == 0 else other / np.float32(255) if other.dtype == np.uint8 else other for other in others)
