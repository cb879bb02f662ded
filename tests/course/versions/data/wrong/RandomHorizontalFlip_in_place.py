# why: changes the image that it gets

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, image, rng):
        if rng.random() < self.p:
            image[:] = image[..., ::-1].copy()
        return image
