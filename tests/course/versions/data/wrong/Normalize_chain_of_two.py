# why: takes two transforms

# %% Normalize
#| export
class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = (np.asarray(values, np.float32).reshape(-1, 1, 1) for values in (mean, std))

    def __call__(self, image, rng):
        return (image - self.mean) / self.std


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, image, rng):
        for transform in self.transforms[:2]:
            image = transform(image, rng)
        return image
