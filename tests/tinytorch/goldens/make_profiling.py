"""FLOPs of products and convolutions, forward and backward, as PyTorch counts them: writes profiling.npz next to this.

    python make_profiling.py        # needs torch; made with torch 2.13.0 (CPU)

Every row of <case>.shapes and <case>.flops belongs together; tests/tinytorch/test_profiling.py reads them.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

rng = np.random.default_rng(8)
golden = {}


def count(f, *inputs):
    """FLOPs of f(*inputs) and of the backward pass that follows, for the inputs that require gradients."""
    with FlopCounterMode(display=False) as forward:
        out = f(*inputs)
    with FlopCounterMode(display=False) as backward:
        out.backward(torch.ones_like(out))
    return forward.get_total_flops(), backward.get_total_flops()


def random(*shape, grad=True):
    return torch.zeros(tuple(map(int, shape)), requires_grad=grad)


def rows(name, shapes, calls):
    golden[f"{name}.shapes"], golden[f"{name}.flops"] = np.array(shapes), np.array(calls)


sizes = rng.integers(1, 40, (8, 3))
rows("matmul", sizes, [count(torch.matmul, random(m, k), random(k, n)) for m, k, n in sizes])

sizes = rng.integers(1, 20, (8, 4))
rows("batches", sizes, [count(torch.bmm, random(b, m, k), random(b, k, n)) for b, m, k, n in sizes])

sizes = rng.integers(1, 60, (8, 3))
rows("linear", sizes, [count(F.linear, random(n, i), random(o, i), random(o)) for n, i, o in sizes])

# samples, channels, filters, height, width, filter's height and width, stride, padding
sizes = np.concatenate([rng.integers(1, 9, (8, 3)), rng.integers(9, 20, (8, 2)), rng.integers(1, 6, (8, 2))], axis=1)
sizes = np.concatenate([sizes, rng.integers(1, 4, (8, 1)), rng.integers(0, 3, (8, 1))], axis=1)
for name, grad in (("conv2d", True), ("conv2d_without_dx", False)):
    calls = [
        count(
            lambda x, w, b, s=int(s), p=int(p): F.conv2d(x, w, b, stride=s, padding=p),
            *(random(n, c, h, w, grad=grad), random(o, c, kh, kw), random(o)),
        )
        for n, c, o, h, w, kh, kw, s, p in sizes
    ]
    rows(name, sizes, calls)

np.savez_compressed(Path(__file__).with_name("profiling.npz"), **golden)
