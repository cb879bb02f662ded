"""`tito milestone mnist`: an MLP 784-128-10 of the user's own layers, trained on all 60,000 digits.

With the reference's layers: 98.0 % of the test images after 4 epochs in 2.3 s
(one thread of a 2-core x86 machine, numpy 2.4; up to 4.5 s while others used it; reading the data takes 1.5 s more).
"""

import gzip
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tito.milestones.recipe import Progress, Result

TARGET = 0.95
EPOCHS, BATCH, LEARNING_RATE, MOMENTUM, SEED = 4, 64, 0.1, 0.9, 0
SETTINGS = ["EPOCHS", "BATCH", "LEARNING_RATE", "MOMENTUM", "SEED"]
FILES = {
    "train_images": ("train-images-idx3-ubyte.gz", (60_000, 28, 28)),
    "train_labels": ("train-labels-idx1-ubyte.gz", (60_000,)),
    "test_images": ("t10k-images-idx3-ubyte.gz", (10_000, 28, 28)),
    "test_labels": ("t10k-labels-idx1-ubyte.gz", (10_000,)),
}


def run(data: Path, report: Callable[[Progress], None] = lambda progress: None, epochs: int = EPOCHS) -> Result:
    """Train on the MNIST in the folder `data` with the user's `tinytorch.core.mlp`.

    data: folder with the four IDX files, gzipped, as published
    report: called about fifty times an epoch
    Raises ValueError or OSError for data that is not MNIST, and whatever the user's layers raise.
    """
    from threadpoolctl import threadpool_limits

    images = read_images(data)
    with threadpool_limits(1):  # on products this small two threads wait for each other: up to ten times slower
        return _train(images, report, epochs)


def read_images(data: Path) -> dict[str, np.ndarray]:
    """The four arrays of MNIST: images float32 (n, 784) from 0 to 1, labels uint8 (n,)."""
    arrays = {part: read_idx(Path(data) / name, shape) for part, (name, shape) in FILES.items()}
    for part in ("train_images", "test_images"):
        arrays[part] = arrays[part].reshape(-1, 784).astype(np.float32) / 255
    return arrays


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The array in a gzipped IDX file: two zero bytes, 8 (for uint8), the number of axes, their lengths, the data."""
    with gzip.open(path) as file:
        raw = file.read()
    header = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
    if raw[: len(header)] != header or len(raw) != len(header) + np.prod(shape):
        raise ValueError(f"{path} does not hold the {shape} bytes of MNIST: delete it and fetch it again")
    return np.frombuffer(raw, np.uint8, offset=len(header)).reshape(shape)


def _train(data, report, epochs):
    from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential, accuracy, minibatches, sgd_step
    from tinytorch.core.tensor import Tensor

    rng = np.random.default_rng(SEED)
    model = Sequential(Linear(784, 128, rng), ReLU(), Linear(128, 10, rng))
    loss_fn, parameters = CrossEntropyLoss(), model.parameters()
    velocities = [np.zeros_like(parameter.data) for parameter in parameters]
    images, labels = data["train_images"], data["train_labels"]
    in_epoch = -(-len(images) // BATCH)
    step, steps, every, recent = 0, epochs * in_epoch, in_epoch // 50, []

    start = time.perf_counter()
    for epoch in range(1, epochs + 1):
        for batch in minibatches(len(images), BATCH, rng):
            model.zero_grad()
            logits = model(Tensor(images[batch]))
            loss = loss_fn(logits, labels[batch])
            model.backward(loss_fn.backward())
            for parameter, velocity in zip(parameters, velocities, strict=True):
                velocity *= MOMENTUM
                velocity += parameter.grad.data
                parameter.grad = Tensor(velocity)
            # a straight line down to zero: large steps to get there, small ones to settle
            sgd_step(parameters, LEARNING_RATE * (1 - step / steps))

            step += 1
            recent.append((loss.item(), accuracy(logits, labels[batch])))
            if step % every == 0 or step == steps:
                seconds = time.perf_counter() - start
                left = seconds / step * (steps - step)
                report(Progress(epoch, epochs, step, steps, *map(float, np.mean(recent, axis=0)), seconds, left))
                recent.clear()
    seconds = time.perf_counter() - start

    right = accuracy(model(Tensor(data["test_images"])), data["test_labels"])
    size = sum(parameter.size for parameter in parameters)
    weights = {f"parameter{i}": parameter.data for i, parameter in enumerate(parameters)}
    return Result(right, TARGET, seconds, epochs, size, weights=weights)
