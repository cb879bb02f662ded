# why: ReLU on the logits

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    layers = []
    for inside, outside in pairwise(channels):
        layers += [Conv2d(inside, outside, 3, padding=1, rng=rng), MaxPool2d(2), BatchNorm2d(outside), ReLU()]
        size //= 2
    return Sequential(*layers, Flatten(), Linear(channels[-1] * size**2, classes, rng), ReLU())
