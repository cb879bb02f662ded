# why: a linear layer for 4x4 pixels, whatever the size

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    layers = []
    for inside, outside in pairwise(channels):
        layers += [Conv2d(inside, outside, 3, padding=1, rng=rng), MaxPool2d(2), BatchNorm2d(outside), ReLU()]
        size //= 2
    return Sequential(*layers, Flatten(), Linear(channels[-1] * 16, classes, rng))
