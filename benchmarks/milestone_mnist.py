"""Test accuracy and time of `tito milestone mnist` with the reference's layers, under several seeds.

    tito data mnist && python benchmarks/milestone_mnist.py

Claim: at least 97.5 % test accuracy (the course asks for more than 95 %) in under 20 s on two cores.

Last result, 2 cores, Python 3.11.7, numpy 2.4.6, x86_64, one BLAS thread:
    seed 0: 98.00% after 4 epochs, 2.2 s of training
    seed 1: 98.02% after 4 epochs, 2.1 s of training
    seed 2: 97.93% after 4 epochs, 2.0 s of training
The command itself, with checking and reading the data: 3.6 s.
"""

import platform
from pathlib import Path

import numpy as np

from tito.milestones import mnist
from tito.workspace import Workspace

if __name__ == "__main__":
    data = Workspace.find(Path(__file__)).root / "data" / "mnist"
    print(f"Python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}, one BLAS thread")
    for seed in range(3):
        mnist.SEED = seed
        result = mnist.run(data)
        print(f"seed {seed}: {result.accuracy:.2%} after {result.epochs} epochs, {result.seconds:.1f} s of training")
