# why: rolls numpy's global dice

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, image, rng):
        return image[..., ::-1] if np.random.random() < self.p else image
