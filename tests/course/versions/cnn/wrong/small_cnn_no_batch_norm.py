# why: leaves batch norm out

# %% small_cnn
#| export
def small_cnn(channels, classes, size, rng=None):
    layers = []
    for inside, outside in pairwise(channels):
        layers += [Conv2d(inside, outside, 3, padding=1, rng=rng), MaxPool2d(2), ReLU()]
        size //= 2
    return Sequential(*layers, Flatten(), Linear(channels[-1] * size**2, classes, rng))
