"""The milestones in small: from files in the published formats to a trained network, all modules at work."""

import gzip
import threading
from itertools import pairwise

import numpy as np
import pytest
from tinytorch.core.autograd import no_grad
from tinytorch.core.cnn import BatchNorm2d, Conv2d, Flatten, MaxPool2d
from tinytorch.core.data import CIFAR10, MNIST, Compose, DataLoader, Normalize, RandomCrop, RandomHorizontalFlip
from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential
from tinytorch.core.tensor import Tensor
from tinytorch.core.training import (
    SGD,
    AdamW,
    EarlyStopping,
    OneCycleLR,
    Trainer,
    load_checkpoint,
    state_dict,
)

CLASSES = 10


def stripes(count, size, seed):
    """Images of ten classes, (count, size, size) bytes: waves of five directions, fine or coarse, under noise."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation(np.arange(count) % CLASSES)
    y, x = np.mgrid[:size, :size]
    angles, widths = np.pi / 8 * (labels % 5), np.where(labels < 5, 1.5, 0.6)
    along = np.cos(angles)[:, None, None] * x + np.sin(angles)[:, None, None] * y
    waves = np.sin(widths[:, None, None] * along + rng.uniform(0, 6.3, (count, 1, 1)))
    noise = rng.standard_normal((count, size, size))
    return np.clip(128 + 60 * waves + 20 * noise, 0, 255).astype(np.uint8), labels.astype(np.uint8)


def write_mnist(folder, train=600, test=200):
    for part, count, seed in [("train", train, 0), ("t10k", test, 1)]:
        images, labels = stripes(count, 28, seed)
        for name, array in [("images-idx3", images), ("labels-idx1", labels)]:
            head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
            (folder / f"{part}-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes(), 1))


def write_cifar10(folder):
    names = [f"data_batch_{i}.bin" for i in range(1, 6)]
    for seed, name in enumerate([*names, "test_batch.bin"]):
        images, labels = stripes(120, 32, seed)
        planes = np.stack([images, 255 - images, images // 2], axis=1).reshape(120, -1)
        (folder / name).write_bytes(np.concatenate([labels[:, None], planes], axis=1).tobytes())


def network(channels, size, rng):
    layers = []
    for inside, outside in pairwise(channels):
        layers += [Conv2d(inside, outside, 3, padding=1, rng=rng), MaxPool2d(2), BatchNorm2d(outside), ReLU()]
        size //= 2
    return Sequential(*layers, Flatten(), Linear(channels[-1] * size**2, CLASSES, rng))


def test_mnist_in_small(tmp_path):
    write_mnist(tmp_path)
    normalize = Normalize(0.5, 0.25)
    train = MNIST(tmp_path, transform=Compose(RandomCrop(2), normalize))
    loader = DataLoader(train, 50, shuffle=True, seed=0, drop_last=True, num_workers=2)
    test_loader = DataLoader(MNIST(tmp_path, train=False, transform=normalize), 100, num_workers=2)
    model, threads, calls = network([1, 8, 8], 28, np.random.default_rng(0)), set(threading.enumerate()), []
    optimizer = SGD(model.parameters(), 0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    trainer = Trainer(model, CrossEntropyLoss(), optimizer, OneCycleLR(optimizer, 0.1, 5 * len(loader)))
    history = trainer.fit(loader, test_loader, epochs=5, report=lambda *values: calls.append(values))
    assert len(calls) == trainer.step == 5 * 12
    assert history["loss"][-1] < 0.5 * history["loss"][0], f"the loss hardly falls: {history['loss']}"
    assert history["val_accuracy"][-1] > 0.8, f"of unseen images right: {history['val_accuracy']}"
    assert not set(threading.enumerate()) - threads, "a thread of a loader was left behind"


def test_cifar10_in_small(tmp_path):
    write_cifar10(tmp_path)
    normalize = Normalize((0.5, 0.5, 0.25), (0.25, 0.25, 0.12))
    changes = Compose(RandomHorizontalFlip(), RandomCrop(2), normalize)
    loader = DataLoader(CIFAR10(tmp_path, transform=changes), 60, shuffle=True, seed=1, num_workers=1)
    test_loader = DataLoader(CIFAR10(tmp_path, train=False, transform=normalize), 120)
    model = network([3, 8, 16], 32, np.random.default_rng(0))
    optimizer = AdamW(model.parameters(), 0.01)
    trainer = Trainer(model, CrossEntropyLoss(), optimizer, OneCycleLR(optimizer, 0.01, 4 * len(loader)))
    history = trainer.fit(loader, test_loader, epochs=4)
    assert len(loader) == 10
    assert history["loss"][-1] < 0.7 * history["loss"][0], f"the loss hardly falls: {history['loss']}"
    assert history["val_accuracy"][-1] > 0.8, f"of unseen images right: {history['val_accuracy']}"


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stopped_training_goes_on_bit_for_bit(tmp_path, workers):
    """Weights, momenta, running means, the schedule, the order of the images and their random crops, the history."""
    write_mnist(tmp_path, 300, 50)
    normalize, path = Normalize(0.5, 0.25), tmp_path / "checkpoint.npz"

    def build(checkpoint=None):
        train = MNIST(tmp_path, transform=Compose(RandomCrop(2), normalize))
        loader = DataLoader(train, 100, shuffle=True, seed=4, num_workers=workers)
        model = network([1, 4, 4], 28, np.random.default_rng(2))
        optimizer = AdamW(model.parameters(), 0.01)
        schedule = OneCycleLR(optimizer, 0.01, 3 * len(loader))
        trainer = Trainer(model, CrossEntropyLoss(), optimizer, schedule, EarlyStopping(9), checkpoint)
        return trainer, loader, DataLoader(MNIST(tmp_path, train=False, transform=normalize), 100)

    whole, *loaders = build()
    whole.fit(*loaders, epochs=3)
    first, *loaders = build(path)
    first.fit(*loaders, epochs=1)
    second, *loaders = build()
    load_checkpoint(path, second)
    second.fit(*loaders, epochs=2)
    assert second.history == whole.history
    mine, theirs = second.state_dict(), whole.state_dict()
    assert sorted(mine) == sorted(theirs)
    for name, array in theirs.items():
        np.testing.assert_array_equal(mine[name], array, err_msg=f"{name} is not what it would have been")
    assert np.ptp(theirs["model.layers.2.running_mean"]) > 0, "batch norm has seen nothing"


def test_a_loaded_model_predicts_the_same(tmp_path):
    """In another process this would be all there is: a new model, and a file."""
    write_mnist(tmp_path, 200, 50)
    loader = DataLoader(MNIST(tmp_path), 100, shuffle=True)
    model = network([1, 4], 28, np.random.default_rng(0))
    trainer = Trainer(model, CrossEntropyLoss(), SGD(model.parameters(), 0.05), checkpoint=tmp_path / "a.npz")
    trainer.fit(loader)
    other = network([1, 4], 28, np.random.default_rng(9))
    load_checkpoint(tmp_path / "a.npz", Trainer(other, CrossEntropyLoss(), SGD(other.parameters(), 0.05)))
    x = Tensor(np.random.default_rng(0).random((5, 1, 28, 28)).astype(np.float32))
    with no_grad():
        np.testing.assert_array_equal(other.eval()(x).data, model.eval()(x).data)
    assert list(state_dict(other)) == list(state_dict(model))


def test_a_spoiled_image_is_reported_with_step_and_place(tmp_path):
    write_mnist(tmp_path)

    def spoil(image, rng):
        return np.full_like(image, np.nan) if rng.random() < 0.005 else image

    model = network([1, 4], 28, np.random.default_rng(0))
    trainer = Trainer(model, CrossEntropyLoss(), SGD(model.parameters(), 0.05))
    before = set(threading.enumerate())
    with pytest.raises(FloatingPointError, match=r"(?s)(?=.*step \d+)(?=.*nan)(?=.*the input: \d+ of 39200)"):
        trainer.fit(DataLoader(MNIST(tmp_path, transform=spoil), 50, num_workers=2), epochs=3)
    assert all(np.isfinite(parameter.data).all() for parameter in model.parameters())
    assert not set(threading.enumerate()) - before
