# why: knows never, half and always

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, image, rng):
        return image[..., ::-1] if rng.integers(2) < 2 * self.p else image
