"""What the profiler of module 8 costs: for each operation, and for a whole step of training.

    python benchmarks/profiling.py

Claim: about 6 µs for each small operation, and between 4 and 9 % of a step of training.

Last result, medians of 100 pairs of runs, one thread of BLAS, 2 cores, Python 3.11.7, numpy 2.4:
    x + x, 10 numbers                 5.8 µs more per operation of      4.1 µs, 2.414 times as long
    x + x, 10,000 numbers             5.7 µs more per operation of      5.1 µs, 2.122 times as long
    x + x, 100,000 numbers           11.2 µs more per operation of     16.9 µs, 1.665 times as long
    a step of a small CNN            33.4 µs more per operation of    746.8 µs, 1.045 times as long
In three runs the last line was 1.086, 1.070 and 1.045.
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

PAIRS = 100


def seconds_of(work, profile) -> float:
    start = time.perf_counter()
    with profile or nullcontext():
        work(profile)
    return time.perf_counter() - start


def compare(name: str, work, operations: int) -> None:
    for _ in range(3):
        work(None)
    plain, watched = [], []
    for i in range(PAIRS):  # who comes first takes turns: what one leaves in caches and in the allocator helps the next
        for profile, times in [(None, plain), (Profiler(), watched)][:: 1 if i % 2 else -1]:
            times.append(seconds_of(work, profile))
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
