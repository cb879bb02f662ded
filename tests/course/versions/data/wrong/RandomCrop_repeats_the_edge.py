# why: pads with the edge

# %% RandomCrop
#| export
class RandomCrop:
    def __init__(self, padding):
        self.padding = padding

    def __call__(self, image, rng):
        (channels, height, width), p = image.shape, self.padding
        padded = np.pad(image, ((0, 0), (p, p), (p, p)), mode="edge")
        padded[:, p : p + height, p : p + width] = image
        top, left = rng.integers(0, 2 * p, size=2, endpoint=True)
        return padded[:, top : top + height, left : left + width]
