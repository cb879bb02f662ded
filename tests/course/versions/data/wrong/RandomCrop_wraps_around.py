# why: what leaves on one side comes in on the other

# %% RandomCrop
#| export
class RandomCrop:
    def __init__(self, padding):
        self.padding = padding

    def __call__(self, image, rng):
        (channels, height, width), p = image.shape, self.padding
        padded = np.zeros((channels, height + 2 * p, width + 2 * p), image.dtype)
        padded[:, p : p + height, p : p + width] = image
        top, left = rng.integers(0, 2 * p, size=2, endpoint=True)
        return np.roll(image, (top - p, left - p), axis=(1, 2))
