# why: divides floats by 255, too

# %% ArrayDataset.sample
def sample(self, index, rng):
    image, *others = (array[index] for array in self.arrays)
    image = image / np.float32(255)
    if self.transform is not None:
        image = self.transform(image, rng)
    return image, *(other.item() if np.ndim(other) == 0 else other for other in others)
