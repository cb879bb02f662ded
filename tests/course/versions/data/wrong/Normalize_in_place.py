# why: changes the image that it gets

# %% Normalize
#| export
class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = (np.asarray(values, np.float32).reshape(-1, 1, 1) for values in (mean, std))

    def __call__(self, image, rng):
        image -= self.mean
        image /= self.std
        return image


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, image, rng):
        for transform in self.transforms:
            image = transform(image, rng)
        return image
