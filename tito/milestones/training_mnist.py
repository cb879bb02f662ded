"""`tito milestone mnist` once Training is there: a small convolutional network, with the user's own
DataLoader, autograd and Trainer, on all 60,000 digits. benchmarks/milestone_mnist.py measures it.
"""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tito.milestones.recipe import Progress, Result

TARGET = 0.99
EPOCHS, BATCH, SEED = 3, 128, 0
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY = 0.1, 0.9, 5e-4
SHIFT = 2  # pixels by which a digit may be moved, each way
SETTINGS = ["EPOCHS", "BATCH", "SEED", "LEARNING_RATE", "MOMENTUM", "WEIGHT_DECAY", "SHIFT"]
MEAN, STD = 0.1307, 0.3081  # of all training pixels


def run(data: Path, report: Callable[[Progress], None] = lambda progress: None, epochs: int = EPOCHS) -> Result:
    """Train on the MNIST in the folder `data` with the user's `tinytorch.core`, modules cnn to training.

    data: folder with the four IDX files, gzipped, as published
    report: called after every step
    Raises what the user's layers, loader and Trainer raise.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # one thread computes, another prepares the next batches
        return _train(data, report, epochs)


def _train(data, report, epochs):
    from tinytorch.core.data import MNIST, Compose, DataLoader, Normalize, RandomCrop
    from tinytorch.core.mlp import CrossEntropyLoss
    from tinytorch.core.training import SGD, OneCycleLR, Trainer, state_dict

    normalize = Normalize(MEAN, STD)
    train = MNIST(data, transform=Compose(RandomCrop(SHIFT), normalize))
    loader = DataLoader(train, BATCH, shuffle=True, seed=SEED, drop_last=True, num_workers=1)
    test = DataLoader(MNIST(data, train=False, transform=normalize), 500, num_workers=1)

    model = network(np.random.default_rng(SEED))
    parameters = model.parameters()
    optimizer = SGD(parameters, LEARNING_RATE, momentum=MOMENTUM, nesterov=True, weight_decay=WEIGHT_DECAY)
    trainer = Trainer(model, CrossEntropyLoss(), optimizer, OneCycleLR(optimizer, LEARNING_RATE, epochs * len(loader)))

    start = time.perf_counter()

    def show(epoch, step, steps, loss, accuracy):
        done, total = (epoch - 1) * steps + step, epochs * steps
        seconds = time.perf_counter() - start
        report(Progress(epoch, epochs, done, total, loss, accuracy, seconds, seconds / done * (total - done)))

    trainer.fit(loader, epochs=epochs, report=show)
    seconds = time.perf_counter() - start
    size = sum(parameter.size for parameter in parameters)
    accuracy = trainer.evaluate(test)["accuracy"]
    return Result(accuracy, TARGET, seconds, epochs, size, weights=state_dict(model))


def network(rng: np.random.Generator):
    """Three convolutions, two of which halve the side, and a linear layer."""
    from tinytorch.core.cnn import BatchNorm2d, Conv2d, Flatten
    from tinytorch.core.mlp import Linear, ReLU, Sequential

    return Sequential(
        *[Conv2d(1, 16, 5, stride=2, padding=2, rng=rng), BatchNorm2d(16), ReLU()],
        *[Conv2d(16, 32, 3, stride=2, padding=1, rng=rng), BatchNorm2d(32), ReLU()],
        *[Conv2d(32, 32, 3, padding=1, rng=rng), BatchNorm2d(32), ReLU()],
        *[Flatten(), Linear(32 * 7 * 7, 10, rng)],
    )
