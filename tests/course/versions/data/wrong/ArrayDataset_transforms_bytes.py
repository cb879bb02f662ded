# why: gives the transform bytes, and scales after it

# %% ArrayDataset.sample
def sample(self, index, rng):
    image, *others = (array[index] for array in self.arrays)
    scaled = image.dtype == np.uint8
    if self.transform is not None:
        image = self.transform(image, rng)
    image = image / np.float32(255) if scaled else image
    return image, *(other.item() if np.ndim(other) == 0 else other for other in others)
