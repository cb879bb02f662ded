# why: flips with probability 1 - p

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, image, rng):
        return image if rng.random() < self.p else image[..., ::-1]
