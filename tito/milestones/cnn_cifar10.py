"""`tito milestone cifar10`: a convolutional network of the user's own layers, trained on all 50,000 images.

First a fixed layer that whitens 4 x 4 patches, then conv 64, 128, 128, 256, each 3 x 3, with batch norm and ReLU,
pooled down to one pixel. Every batch is split into two halves for two threads, because numpy lets go of Python's lock
while it copies and multiplies. The ideas of the whitening layer, of the short triangular schedule and of label
smoothing come from Keller Jordan's "94% on CIFAR-10 in 3.29 Seconds on a Single GPU" (arXiv:2404.00498).

benchmarks/milestone_cifar10.py measures it.
"""

import copy
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path

import numpy as np

from tito.milestones.recipe import Progress, Result

RESUMABLE = True
TARGET = 0.80
EPOCHS, BATCH, SEED = 6, 256, 0
LEARNING_RATE, WARM_UP, MOMENTUM, WEIGHT_DECAY, SMOOTHING = 0.3, 0.25, 0.9, 5e-4, 0.1
SHIFT = 2  # pixels by which an image may be moved, each way
SETTINGS = ["EPOCHS", "BATCH", "SEED", "LEARNING_RATE", "WARM_UP", "MOMENTUM", "WEIGHT_DECAY", "SMOOTHING", "SHIFT"]
TRAIN, TEST = [f"data_batch_{i}.bin" for i in range(1, 6)], ["test_batch.bin"]
CLASSES = 10
HALVES = 2


def run(
    data: Path,
    report: Callable[[Progress], None] = lambda progress: None,
    epochs: int = EPOCHS,
    folder: Path | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Result:
    """Train on the CIFAR-10 in the folder `data` with the user's `tinytorch.core.cnn`.

    data: folder with the six .bin files, as published
    report: called about fifty times an epoch
    folder: where the state is kept from epoch to epoch; training goes on from there if it is of the same recipe
    stop: asked after every step; once it says True, the state is saved and the result is not finished
    Raises ValueError or OSError for data that is not CIFAR-10, and whatever the user's layers raise.
    """
    from threadpoolctl import threadpool_limits

    images, labels = read_records(data, TRAIN)
    test_images, test_labels = read_records(data, TEST)
    # One thread of BLAS in each of ours: on products this small two threads of BLAS wait for each other.
    with threadpool_limits(1), ThreadPoolExecutor(min(HALVES, os.cpu_count() or 1)) as threads:
        learner = Learner(images, labels, epochs, threads)
        if folder:
            learner.load(folder / "state.npz")
        start, recent, answers = time.perf_counter() - learner.seconds, [], None
        while learner.step < learner.steps:
            recent.append(learner.train_step())
            learner.seconds = time.perf_counter() - start
            epoch, inside = divmod(learner.step, learner.in_epoch)
            if inside % (learner.in_epoch // 50) == 0:
                means = map(float, np.mean(recent[-20:], axis=0))
                left = learner.seconds / learner.step * (learner.steps - learner.step)
                now = min(epoch + 1, epochs), epochs, learner.step, learner.steps
                report(Progress(*now, *means, learner.seconds, left))
            if inside == 0:
                answers = learner.answers(test_images)
                learner.seconds = time.perf_counter() - start
                learner.note(epoch, recent, float((answers[0] == test_labels).mean()))
                recent.clear()
            if folder and (stop() or inside == 0):
                learner.save(folder / "state.npz")
            if stop():
                break
        if answers is None:  # stopped within the first epoch since the start
            answers = learner.answers(test_images)
        return learner.result(*answers, test_labels)


def read_records(data: Path, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Images uint8 (n, 32, 32, 3) and labels uint8 (n,) from files of records: a label, then three planes of pixels."""
    images, labels = [], []
    for name in names:
        raw = np.fromfile(Path(data) / name, np.uint8)
        if raw.size != 10_000 * 3073 or raw[::3073].max() >= CLASSES:
            raise ValueError(
                f"{Path(data) / name} does not hold 10,000 images of CIFAR-10: delete it and fetch it again"
            )
        records = raw.reshape(-1, 3073)
        labels.append(records[:, 0])
        images.append(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
    return np.concatenate(images), np.concatenate(labels)


def network(rng: np.random.Generator):
    """The part that learns: from 64 channels of 15 x 15 to the logits of ten classes; 557,258 parameters."""
    from tinytorch.core.cnn import BatchNorm2d, Conv2d, Flatten, MaxPool2d
    from tinytorch.core.mlp import Linear, ReLU, Sequential

    def block(inside, outside, *pool):  # pooled first: what follows then has a quarter of the numbers
        return [Conv2d(inside, outside, 3, padding=1, rng=rng), *pool, BatchNorm2d(outside), ReLU()]

    layers = [
        *block(64, 64, MaxPool2d(2)),
        *block(64, 128),
        *block(128, 128, MaxPool2d(2)),
        *block(128, 256, MaxPool2d(3)),
    ]
    return Sequential(*layers, Flatten(), Linear(256, CLASSES, rng))


class Whitening:
    """The fixed first layer: it takes the brightness and the contrasts that neighbouring pixels share out of an image.

    images: uint8 or float32 (n, 32, 32, 3), from 0 to 255, those whose patches are measured
    """

    def __init__(self, images):
        self.mean = images.mean(axis=(0, 1, 2), dtype=np.float64).astype(np.float32)
        self.std = images.std(axis=(0, 1, 2), dtype=np.float64).astype(np.float32)
        self.weight = self.filters((images[:5000] - self.mean) / self.std)
        self.bias = np.zeros(len(self.weight), np.float32)

    @staticmethod
    def filters(images):
        """The 32 strongest principal patches, each scaled to variance 1, and their negatives: (64, 3, 4, 4)."""
        patches = np.lib.stride_tricks.sliding_window_view(images, (4, 4), axis=(1, 2))[:, ::2, ::2].reshape(-1, 48)
        variances, directions = np.linalg.eigh(patches.T @ patches / len(patches))
        strongest = (directions / np.sqrt(variances + 1e-2)).T[::-1][:32].reshape(32, 3, 4, 4)
        return np.concatenate([strongest, -strongest]).astype(np.float32)

    def __call__(self, images):
        """images: (n, 32, 32, 3), from 0 to 255. Returns a Tensor (n, 64, 15, 15)."""
        from tinytorch.core.cnn import conv2d
        from tinytorch.core.tensor import Tensor

        channels_first = ((images - self.mean) / self.std).transpose(0, 3, 1, 2)
        out = conv2d(channels_first, self.weight, self.bias, stride=2)
        return Tensor(np.maximum(out, 0))


def augment(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Each image moved by up to SHIFT pixels, and half of them mirrored: float32, of the same shape."""
    edges = [(0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)]
    padded, height, width = np.pad(images, edges, mode="reflect"), *images.shape[1:3]
    moved = np.empty(images.shape, np.float32)
    places, mirrored = rng.integers(0, 2 * SHIFT + 1, (len(images), 2)), rng.random(len(images)) < 0.5
    for i, (y, x) in enumerate(places):
        part = padded[i, y : y + height, x : x + width]
        moved[i] = part[:, ::-1] if mirrored[i] else part
    return moved


class Learner:
    """The network, once for each half of a batch with shared parameters, and where its training stands."""

    def __init__(self, images, labels, epochs, threads):
        from tinytorch.core.mlp import CrossEntropyLoss

        self.images, self.labels, self.threads = images, labels, threads
        self.epochs, self.in_epoch = epochs, len(images) // BATCH
        self.step, self.steps, self.seconds, self.curves = 0, epochs * self.in_epoch, 0.0, []
        self.whiten = Whitening(images)
        model = network(np.random.default_rng(SEED))
        self.models = [model, *(copy.deepcopy(model) for _ in range(HALVES - 1))]
        self.losses = [CrossEntropyLoss() for _ in self.models]
        self.parameters = model.parameters()
        for other in self.models[1:]:
            for parameter, own in zip(other.parameters(), self.parameters, strict=True):
                parameter.data = own.data
        self.velocities = [np.zeros_like(parameter.data) for parameter in self.parameters]

    def in_threads(self, function, *columns):
        """What `function` returns for each row of `columns`, in the context of who asks: on the same kernels."""
        tasks = [self.threads.submit(copy_context().run, function, *row) for row in zip(*columns, strict=True)]
        return [task.result() for task in tasks]

    def train_step(self):
        """One batch forward and backward, and a step with Nesterov's momentum. Returns its loss and accuracy."""
        epoch, inside = divmod(self.step, self.in_epoch)
        order = np.random.default_rng([SEED, epoch]).permutation(
            len(self.images)
        )  # from its number: so it can be resumed
        halves = np.split(order[inside * BATCH : (inside + 1) * BATCH], HALVES)
        done = self.in_threads(self._gradients, range(HALVES), halves)

        rate = LEARNING_RATE * min(1, (self.step + 1) / (WARM_UP * self.steps))
        rate *= min(1, (self.steps - self.step) / ((1 - WARM_UP) * self.steps))
        gradients = zip(*(model.parameters() for model in self.models), strict=True)
        for parameter, velocity, copies in zip(self.parameters, self.velocities, gradients, strict=True):
            gradient = sum(one.grad.data for one in copies) / HALVES
            if parameter.ndim > 1:
                gradient += WEIGHT_DECAY * parameter.data
            velocity *= MOMENTUM
            velocity += gradient
            parameter.data -= rate * (gradient + MOMENTUM * velocity)
        self.step += 1
        return np.mean(done, axis=0)

    def _gradients(self, half, batch):
        model, loss_fn, labels = self.models[half], self.losses[half], self.labels[batch].astype(np.int64)
        model.zero_grad()
        logits = model(self.whiten(augment(self.images[batch], np.random.default_rng([SEED, self.step, half]))))
        loss = loss_fn(logits, labels)
        gradient = loss_fn.backward().data
        # Label smoothing: nobody is to be surer than 91 %, which moves the target from the true class to all of them.
        gradient += SMOOTHING / len(batch) * (np.eye(CLASSES, dtype=np.float32)[labels] - 1 / CLASSES)
        model.backward(type(logits)(gradient))
        return loss.item(), (logits.data.argmax(axis=1) == labels).mean()

    def answers(self, images):
        """The class taken for each image, uint8 (n,), and how probable it was, float32 (n,).

        Each image is looked at once, as it is: no averaging over shifted or mirrored copies.
        """
        model = self.models[0].eval()
        parts = np.array_split(images, len(images) // 500)
        # What layers save for a backward pass gets mixed up between the threads; nobody asks for it here.
        logits = np.concatenate(self.in_threads(lambda part: model(self.whiten(part)).data, parts))
        model.train()
        surest = logits.max(axis=1)
        return logits.argmax(axis=1).astype(np.uint8), 1 / np.exp(logits - surest[:, None]).sum(axis=1)

    def note(self, epoch, recent, test_accuracy):
        loss, accuracy = map(float, np.mean(recent, axis=0))
        row = {"epoch": epoch, "loss": loss, "accuracy": accuracy, "test_accuracy": test_accuracy}
        self.curves.append(row | {"seconds": self.seconds})

    def result(self, guesses, confidences, labels):
        accuracy, size = float((guesses == labels).mean()), sum(parameter.size for parameter in self.parameters)
        finished, curves = self.step == self.steps, tuple(self.curves)
        found = accuracy, TARGET, self.seconds, self.epochs, size, finished, curves, guesses, labels, confidences
        return Result(*found, weights=self._arrays())

    def save(self, path):
        """Write where the training stands, in one file that is never there in half."""
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        where = json.dumps(
            {"recipe": self._recipe(), "step": self.step, "seconds": self.seconds, "curves": self.curves}
        )
        np.savez(part, where=np.array(where), **self._arrays())
        os.replace(part, path)

    def load(self, path):
        """Go on from what `save` wrote, if there is such a file, and it is of this recipe."""
        if not path.is_file():
            return
        with np.load(path, allow_pickle=False) as saved:
            where, arrays = json.loads(saved["where"].item()), self._arrays()
            if where["recipe"] != self._recipe():
                return
            for name, array in arrays.items():
                array[...] = saved[name]
        self.step, self.seconds, self.curves = where["step"], where["seconds"], where["curves"]

    def _recipe(self):
        """What has to be equal for a state to fit."""
        numbers = [self.epochs, BATCH, SEED, LEARNING_RATE, WARM_UP, MOMENTUM, WEIGHT_DECAY, SMOOTHING, SHIFT]
        return [*numbers, {name: list(array.shape) for name, array in self._arrays().items()}]

    def _arrays(self):
        """All that a step changes, by name: parameters, velocities, and the statistics that batch norm gathered."""
        from tinytorch.core.tensor import Tensor

        named = {f"parameter{i}": parameter.data for i, parameter in enumerate(self.parameters)}
        named |= {f"velocity{i}": velocity for i, velocity in enumerate(self.velocities)}
        modules = enumerate(module for model in self.models for module in model.modules())
        own = ((f"module{i}.{name}", value) for i, module in modules for name, value in vars(module).items())
        buffers = ((name, value) for name, value in own if isinstance(value, Tensor) and not value.requires_grad)
        return named | {name: value.data for name, value in buffers}
