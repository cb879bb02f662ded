"""What a training step of each milestone takes on the reference's kernels and on numpy's BLAS, in turns.

    tito data mnist && tito data shakespeare && python benchmarks/own_kernels.py

Each recipe trains until `--own-kernels` has measured its steps, and is stopped then. CIFAR-10's pixels are made up:
such a step takes as long. No claim: BLAS is faster where products are small or come in batches, since packing a small
matrix takes as long as multiplying it. Last result, with the load of the machine: own_kernels.log.
"""

import os
import platform
import tempfile
from pathlib import Path

import numpy as np

from tito import datasets
from tito.milestones import cnn_cifar10, gpt_gpt, mlp_mnist, training_mnist
from tito.milestones.own_kernels import ROUNDS, OwnKernels
from tito.workspace import Workspace

RECIPES = {
    "mnist, of mlp": (mlp_mnist, "mnist"),
    "mnist, of training": (training_mnist, "mnist"),
    "cifar10": (cnn_cifar10, None),
    "gpt": (gpt_gpt, "shakespeare"),
}


class MeasuredError(Exception):
    """The steps that take turns are over."""


def stop_when_measured(reports: int = 2 * ROUNDS + 3):
    """A function for a recipe to report to, which ends the training."""
    left = iter(range(reports))

    def report(progress):
        if next(left, None) is None:
            raise MeasuredError

    return report


def made_up(folder: Path) -> Path:
    """A folder with files in the format of CIFAR-10."""
    rng = np.random.default_rng(0)
    for name in [*cnn_cifar10.TRAIN, *cnn_cifar10.TEST]:
        records = rng.integers(0, 256, (10_000, 3073), np.uint8)
        records[:, 0] %= 10
        records.tofile(folder / name)
    return folder


def main():
    workspace = Workspace.find(Path(__file__))
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}, {os.cpu_count()} cores")
    for name, (recipe, data) in RECIPES.items():
        load = os.getloadavg()[0]
        with tempfile.TemporaryDirectory() as folder:
            place = datasets.folder(workspace, data) if data else made_up(Path(folder))
            try:
                with OwnKernels(stop_when_measured()) as reporting:
                    recipe.run(place, reporting)
            except MeasuredError:
                print(f"{name} (load {load:.1f}): {reporting.step()}", flush=True)


if __name__ == "__main__":
    main()
