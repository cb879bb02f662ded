"""Benchmarks of your own package, as a program.

    python modules/benchmarking/suite.py --save baseline.json       # once, and after a change that you meant
    python modules/benchmarking/suite.py --check baseline.json      # after a change; exit code 1: something is slower
    python modules/benchmarking/suite.py --check baseline.json --report report.html

Add what you care about: a name, and a function without arguments.
"""

import sys

import numpy as np
from tinytorch.core.benchmarking import Suite, main
from tinytorch.core.cnn import Conv2d
from tinytorch.core.data import ArrayDataset, DataLoader
from tinytorch.core.mlp import CrossEntropyLoss, Linear, ReLU, Sequential
from tinytorch.core.tensor import Tensor
from tinytorch.core.training import SGD, AdamW, train_step

rng = np.random.default_rng(0)


def floats(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def step(kind):
    """A training step of a small network with an optimizer of this kind."""
    model, loss_fn = Sequential(Linear(64, 64, rng), ReLU(), Linear(64, 10, rng)), CrossEntropyLoss()
    optimizer, images, labels = kind(model.parameters(), lr=0.001), Tensor(floats(32, 64)), Tensor(np.arange(32) % 10)
    return lambda: train_step(model, loss_fn, optimizer, images, labels)


images, a, b = Tensor(floats(4, 3, 16, 16)), Tensor(floats(128, 128)), Tensor(floats(128, 128))
conv, linear, rows = Conv2d(3, 8, 3, padding=1, rng=rng), Linear(256, 256, rng), Tensor(floats(64, 256))
dataset = ArrayDataset(floats(256, 1, 14, 14), np.arange(256) % 10)

suite = Suite()
suite.add("matmul 128", lambda: a @ b)
suite.add("add 128 x 128", lambda: a + b)
suite.add("Linear 256 to 256", lambda: linear(rows))
suite.add("Conv2d 3 to 8, 16 x 16", lambda: conv(images))
suite.add("training step, SGD", step(SGD))
suite.add("training step, AdamW", step(AdamW))
suite.add("an epoch of batches", lambda: list(DataLoader(dataset, batch_size=64)))

if __name__ == "__main__":
    sys.exit(main(suite))
