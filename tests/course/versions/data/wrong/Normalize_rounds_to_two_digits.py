# why: rounds mean and std to two digits

# %% Normalize
#| export
class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = (np.round(np.asarray(v, np.float32).reshape(-1, 1, 1), 2) for v in (mean, std))

    def __call__(self, image, rng):
        return (image - self.mean) / self.std


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, image, rng):
        for transform in self.transforms:
            image = transform(image, rng)
        return image
