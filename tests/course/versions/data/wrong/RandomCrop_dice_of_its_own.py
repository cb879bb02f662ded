# why: has a generator of its own

# %% RandomCrop
#| export
class RandomCrop:
    def __init__(self, padding):
        self.padding, self.rng = padding, np.random.default_rng(0)

    def __call__(self, image, rng):
        (channels, height, width), p = image.shape, self.padding
        padded = np.zeros((channels, height + 2 * p, width + 2 * p), image.dtype)
        padded[:, p : p + height, p : p + width] = image
        top, left = self.rng.integers(0, 2 * p, size=2, endpoint=True)
        return padded[:, top : top + height, left : left + width]
