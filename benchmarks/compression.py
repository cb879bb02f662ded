"""Accuracy on the full test sets, bytes of the saved file, and time, of compressed MNIST and CIFAR-10 models.

    tito data mnist && tito data cifar10
    python benchmarks/compression.py [mnist] [cifar10] | tee benchmarks/compression.log

Claims: int8 models lose at most 1 point of accuracy at no more than 27 % of the bytes of their float32 file; an MNIST
model with 80 % of its weights pruned loses at most 1 point after fine-tuning. Exit code 1 if one does not hold. Last
result: compression.log (its times were taken while others used the machine: they show little more than what is slower).

The models are those of `tito milestone mnist` (both recipes) and `tito milestone cifar10`, whose saved state is taken
if it is there; else it is trained, which takes 6 minutes on two cores. Ranges of inputs come from training images.
"""

import copy
import os
import platform
import sys
import tempfile
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits
from tinytorch.core.cnn import Conv2d
from tinytorch.core.compression import (
    DistillationLoss,
    Distiller,
    Pruner,
    answers,
    calibrate,
    convert,
    fold,
    load_model,
    narrow,
    save_model,
)
from tinytorch.core.data import MNIST, ArrayDataset, DataLoader, Normalize
from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential
from tinytorch.core.setup import time_call
from tinytorch.core.tensor import Tensor
from tinytorch.core.training import SGD, OneCycleLR, Trainer, evaluate

from tito import datasets
from tito.milestones import cnn_cifar10, training_mnist
from tito.workspace import Workspace

WORKSPACE = Workspace.find(Path(__file__))
BATCH, SEED = 128, 0
POINTS, BYTES = 0.01, 0.27  # what may be lost, and what may be left
failed = []


class Table:
    """Prints a row for each model, as it comes from its file, compared with the first one."""

    def __init__(self, title, loader, timed):
        print(f"\n{title}\n{'':36}  test      lost      bytes   share   ms for {len(timed)} images")
        self.loader, self.timed, self.first = loader, timed, None

    def add(self, name, model, points=None, share=None):
        """points, share: what the model may lose, and of the bytes have left; None where nothing is claimed."""
        with tempfile.TemporaryDirectory() as folder:
            save_model(path := Path(folder) / "model.npz", model)
            size, model = os.path.getsize(path), load_model(path)
        accuracy = evaluate(model, CrossEntropyLoss(), self.loader)["accuracy"]
        seconds = time_call(lambda: model(self.timed), repeats=5)
        self.first = self.first or (accuracy, size)
        lost, left = self.first[0] - accuracy, size / self.first[1]
        claims = [found <= limit for found, limit in ((lost, points), (left, share)) if limit is not None]
        mark = ("ok" if all(claims) else "FAILED") if claims else ""
        print(
            f"{name:36} {accuracy:7.2%} {lost * 100:6.2f} {size:12,} {left:7.1%} {seconds * 1e3:8.1f}  {mark}",
            flush=True,
        )
        if not all(claims):
            failed.append(name)


def fit(model, loader, epochs, lr, report=None, kind=Trainer, loss_fn=None):
    """Train a model, and return it."""
    optimizer = SGD(model.parameters(), lr, momentum=0.9, nesterov=True, weight_decay=5e-4)
    schedule = OneCycleLR(optimizer, lr, epochs * len(loader))
    kind(model, loss_fn or CrossEntropyLoss(), optimizer, schedule).fit(loader, epochs=epochs, report=report)
    return model.eval()


def pruned(model, share, loader, table=None):
    model = copy.deepcopy(model)
    pruner = Pruner(model)
    pruner.prune(share)
    if table:
        table.add(f"{share:.0%} pruned, as it is", model)
    return fit(model, loader, 2, 0.02, report=pruner)


def mlp(hidden):
    rng = np.random.default_rng(SEED)
    return Sequential(Linear(784, hidden, rng), ReLU(), Linear(hidden, 10, rng))


def add_int8(table, model, ranges):
    table.add("int8, per channel", convert(model, ranges), POINTS, BYTES)
    table.add("int8, per tensor", convert(model, ranges, per_channel=False))


def mnist(data):
    """Both recipes of `tito milestone mnist`; the MLP gets its images in one row."""
    normalize = Normalize(training_mnist.MEAN, training_mnist.STD)
    for title, row in (("MNIST, MLP 784-128-10", True), ("MNIST, CNN", False)):

        def prepare(image, rng, row=row):
            image = normalize(image, rng)
            return image.reshape(-1) if row else image

        train, test = (MNIST(data, train=part, transform=prepare) for part in (True, False))
        loader = DataLoader(train, BATCH, shuffle=True, seed=SEED, drop_last=True)
        test_loader = DataLoader(test, 500)
        batches = [batch for batch, _ in zip(DataLoader(train, 250), range(8), strict=False)]  # 2,000 training images
        table = Table(title, test_loader, next(iter(test_loader))[0])
        model = mlp(128) if row else training_mnist.network(np.random.default_rng(SEED))
        model = fit(model, loader, 4, 0.1 if row else training_mnist.LEARNING_RATE)
        table.add("float32", model)
        whole = fold(model)
        add_int8(table, whole, calibrate(whole, batches))
        tuned = pruned(model, 0.8, loader, table)
        table.add("80% pruned, fine-tuned", tuned, POINTS)
        whole = fold(tuned)
        table.add("80% pruned, fine-tuned, int8", convert(whole, calibrate(whole, batches)), POINTS, BYTES)
        slim = fit(narrow(fold(model), 0.5), loader, 2, 0.02)
        table.add("half its units, fine-tuned", slim)
        table.add("half its units, fine-tuned, int8", convert(slim, calibrate(slim, batches)))
        if row:
            logits = answers(model, DataLoader(train, 500))
            taught = DataLoader(ArrayDataset(*train.arrays, logits, transform=prepare), BATCH, shuffle=True, seed=SEED)
            table.add("16 units, from labels", fit(mlp(16), loader, 4, 0.1))
            loss_fn = DistillationLoss(4.0, 0.9)
            table.add("16 units, taught by the first", fit(mlp(16), taught, 4, 0.1, kind=Distiller, loss_fn=loss_fn))


def cifar10(data):
    """The network of `tito milestone cifar10`, with its whitening as the first layer."""
    folder = WORKSPACE.root / "milestones" / "cifar10"
    cnn_cifar10.run(data, folder=folder)
    images, labels = cnn_cifar10.read_records(data, cnn_cifar10.TRAIN)
    test_images, test_labels = cnn_cifar10.read_records(data, cnn_cifar10.TEST)
    learner = cnn_cifar10.Learner(images, labels, cnn_cifar10.EPOCHS, None)
    learner.load(folder / "state.npz")
    first = Conv2d(3, 64, 4, stride=2)
    first.weight.data, first.bias.data = learner.whiten.weight, learner.whiten.bias
    model = Sequential(first, ReLU(), *learner.models[0].layers).eval()

    def batches(images, labels, size):
        for start in range(0, len(images), size):
            part = (images[start : start + size] - learner.whiten.mean) / learner.whiten.std
            yield Tensor(part.transpose(0, 3, 1, 2)), Tensor(labels[start : start + size].astype(np.int64))

    table = Table(
        "CIFAR-10, CNN", list(batches(test_images, test_labels, 500)), next(batches(test_images, test_labels, 100))[0]
    )
    table.add("float32", model)
    folded = fold(model)
    table.add(f"float32, {len(model.layers) - len(folded.layers)} of 4 batch norms folded", folded)
    ranges = calibrate(folded, batches(images[:1000], labels[:1000], 250))
    add_int8(table, folded, ranges)


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}, one BLAS thread")
    with threadpool_limits(1):
        for name in sys.argv[1:] or ["mnist", "cifar10"]:
            {"mnist": mnist, "cifar10": cifar10}[name](datasets.folder(WORKSPACE, name))
    print(f"\n{'all claims hold' if not failed else 'not as claimed: ' + ', '.join(failed)}")
    sys.exit(1 if failed else 0)
