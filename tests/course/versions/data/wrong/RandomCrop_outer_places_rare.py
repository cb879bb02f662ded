# why: rounds, so the outermost places come half as often

# %% RandomCrop
#| export
class RandomCrop:
    def __init__(self, padding):
        self.padding = padding

    def __call__(self, image, rng):
        (channels, height, width), p = image.shape, self.padding
        padded = np.zeros((channels, height + 2 * p, width + 2 * p), image.dtype)
        padded[:, p : p + height, p : p + width] = image
        top, left = np.rint(rng.uniform(0, 2 * p, 2)).astype(int)
        return padded[:, top : top + height, left : left + width]
