"""Test accuracy and time of `tito milestone cifar10` with the reference's layers, epoch by epoch.

    tito data cifar10 && python benchmarks/milestone_cifar10.py [EPOCHS]... | tee benchmarks/milestone_cifar10.log

Claim: more than 80 % of the test images in under 5 minutes on two cores, without averaging over changed copies of an
image; more than 85 % in under 15 minutes. Last result: milestone_cifar10.log.
"""

import os
import platform
import sys
from pathlib import Path

import numpy as np

from tito import datasets
from tito.milestones import cnn_cifar10
from tito.workspace import Workspace

ROW = "epoch {epoch:2}: loss {loss:.3f}, training {accuracy:.2%}, test {test_accuracy:.2%}, {seconds:.0f} s"

if __name__ == "__main__":
    workspace = Workspace.find(Path(__file__))
    pixels = "the published pixels" if datasets.is_published(workspace, "cifar10") else "pixels that come from JPEG"
    print(
        f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}, {os.cpu_count()} cores;",
        pixels,
    )
    for epochs in [int(word) for word in sys.argv[1:]] or [cnn_cifar10.EPOCHS]:
        print(f"\n{epochs} epochs, seed {cnn_cifar10.SEED}", flush=True)
        result = cnn_cifar10.run(datasets.folder(workspace, "cifar10"), epochs=epochs)
        for row in result.curves:
            print(ROW.format(**row))
        print(
            f"{result.accuracy:.2%} of the test images, {result.seconds:.0f} s, {result.parameters:,} parameters",
            flush=True,
        )
