# why: takes a mean for each column

# %% Normalize
#| export
class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = np.asarray(mean, np.float32), np.asarray(std, np.float32)

    def __call__(self, image, rng):
        return (image - self.mean) / self.std


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, image, rng):
        for transform in self.transforms:
            image = transform(image, rng)
        return image
