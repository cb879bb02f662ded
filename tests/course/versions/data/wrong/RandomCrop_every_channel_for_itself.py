# why: moves every channel by itself

# %% RandomCrop
#| export
class RandomCrop:
    def __init__(self, padding):
        self.padding = padding

    def __call__(self, image, rng):
        (channels, height, width), p = image.shape, self.padding
        padded = np.zeros((channels, height + 2 * p, width + 2 * p), image.dtype)
        padded[:, p : p + height, p : p + width] = image
        places = rng.integers(0, 2 * p, size=(channels, 2), endpoint=True)
        return np.stack([plane[top : top + height, left : left + width] for plane, (top, left) in zip(padded, places)])
