"""What the profiler of module 8 costs: for each operation, and for a whole step of training.

    python benchmarks/profiling.py

Claim: some microseconds for each operation, a few hundredths of a step whose operations take long.

Last result, medians of 25 pairs of runs, one thread of BLAS, 2 cores, Python 3.11.7, numpy 2.4:
    RESULT
"""

import statistics
import time
from contextlib import nullcontext

import numpy as np
from threadpoolctl import threadpool_limits
from tinytorch.core.cnn import small_cnn
from tinytorch.core.mlp import CrossEntropyLoss
from tinytorch.core.profiling import Profiler, overhead, watch
from tinytorch.core.tensor import Tensor
from tinytorch.core.training import AdamW

PAIRS = 25


def seconds_of(work, profile) -> float:
    start = time.perf_counter()
    with profile or nullcontext():
        work(profile)
    return time.perf_counter() - start


def compare(name: str, work, operations: int) -> None:
    for _ in range(3):
        work(None)
    pairs = [(seconds_of(work, None), seconds_of(work, Profiler())) for _ in range(PAIRS)]
    plain, watched = zip(*pairs, strict=True)
    cost = overhead(plain, watched, operations)
    each = statistics.median(plain) / operations
    took = f"{1e6 * cost['seconds']:6.1f} µs more per operation of {1e6 * each:8.1f} µs"
    print(f"    {name:30} {took}, {cost['factor']:.3f} times as long")


def additions(numbers: int, operations: int):
    x = Tensor(np.ones(numbers, np.float32))

    def work(profile):
        for _ in range(operations):
            x + x

    return work


def step():
    rng = np.random.default_rng(0)
    model, loss_fn = small_cnn((3, 8, 16), 10, 32, rng), CrossEntropyLoss()
    images, labels = Tensor(rng.standard_normal((64, 3, 32, 32)).astype(np.float32)), rng.integers(0, 10, 64)
    optimizer = AdamW(model.parameters())

    def work(profile):
        optimizer.zero_grad()
        loss_fn((watch(model, profile) if profile else model)(images), labels).backward()
        optimizer.step()

    return work


def main() -> None:
    threadpool_limits(1)
    for numbers in (10, 10_000, 100_000):
        compare(f"x + x, {numbers:,} numbers", additions(numbers, 200), 200)
    compare("a step of a small CNN", step(), 22)


if __name__ == "__main__":
    main()
