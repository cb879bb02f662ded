# why: never comes back

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, image, rng):
        while rng.random() >= self.p:
            pass
        return image[:, :, ::-1]
