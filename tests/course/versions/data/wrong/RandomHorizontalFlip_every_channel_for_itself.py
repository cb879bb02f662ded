# why: decides for every channel

# %% RandomHorizontalFlip
#| export
class RandomHorizontalFlip:
    def __init__(self, p=0.5):
        self.p = p

    def __call__(self, image, rng):
        return np.stack([plane[:, ::-1] if rng.random() < self.p else plane for plane in image])
