# why: uses the image's own mean and standard deviation

# %% Normalize
#| export
class Normalize:
    def __init__(self, mean, std):
        self.mean, self.std = (np.asarray(values, np.float32).reshape(-1, 1, 1) for values in (mean, std))

    def __call__(self, image, rng):
        return (image - image.mean((1, 2), keepdims=True)) / image.std((1, 2), keepdims=True)


class Compose:
    def __init__(self, *transforms):
        self.transforms = transforms

    def __call__(self, image, rng):
        for transform in self.transforms:
            image = transform(image, rng)
        return image
