# why: has a generator of its own

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p
        self.rng = np.random.default_rng(0)

    def __call__(self, image, rng):
        return image[..., ::-1] if self.rng.random() < self.p else image
