# why: makes float64 of every image

# %% Normalize
#| export
class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = (np.reshape(values, (-1, 1, 1)).astype(np.float64) for values in (mean, std))

    def __call__(self, image, rng):
        return (image - self.mean) / self.std


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, image, rng):
        for transform in self.transforms:
            image = transform(image, rng)
        return image
