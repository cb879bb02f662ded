"""Gradients of formulas and of a small CNN as PyTorch computes them: writes autograd.npz next to this script.

    python make_autograd.py        # needs torch; made with torch 2.13.0 (CPU), everything in float64

Names are <case>.<what>; tests/tinytorch/test_autograd.py writes the same formulas with Tensors and reads them.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(4)
golden = {}


def save(case, formula, *arrays):
    """Inputs x0, x1, …, the result, a random gradient for it, and the gradients d0, d1, … of the inputs."""
    inputs = [torch.tensor(array, requires_grad=True) for array in arrays]
    out = formula(*inputs)
    grad = torch.tensor(rng.standard_normal(tuple(out.shape)))
    out.backward(grad)
    golden[f"{case}.out"], golden[f"{case}.grad"] = out.detach().numpy(), grad.numpy()
    for i, x in enumerate(inputs):
        golden[f"{case}.x{i}"], golden[f"{case}.d{i}"] = x.detach().numpy(), x.grad.numpy()


def normal(*shape):
    return rng.standard_normal(shape)


def positive(*shape):
    return rng.uniform(0.5, 2, shape)


def whole(*shape):
    """Few different numbers, so that many share the first place."""
    return rng.integers(0, 3, shape).astype(np.float64)


def shared(x):
    y = x * x + x
    z = y * (-y).exp() + y * x
    return z.sum() * z / (y + 10.0)


save("broadcast", lambda a, b, c: (a * b + c) / (b * b + 1) - a, normal(2, 3, 4), normal(3, 1), np.array(0.7))
save("powers", lambda a, b: a**b + b**2 - 2.0**a, positive(3, 4), normal(4))
save("zeros_and_powers", lambda a: a**2 + a**1 + a**0, np.array([0.0, -1.5, 2.0]))
save("logarithms", lambda a: a.log() * a.exp() - a.log().mean(1, keepdim=True), positive(3, 4))
save("sums", lambda a: a.sum((0, 2)) * a.mean() + a.sum() - a.mean(-1).sum(0), normal(2, 3, 4))
for name, shape, dims, keepdim in [
    ("one", (3, 6), (1,), False),
    ("two", (3, 4, 2), (0, -1), True),
    ("all", (3, 4), (0, 1), False),
]:
    save(f"max_{name}", lambda a, dims=dims, keepdim=keepdim: a.amax(dims, keepdim=keepdim), whole(*shape))
for i, (p, q) in enumerate(
    [
        ((3, 4), (4, 2)),
        ((2, 1, 3, 4), (5, 4, 2)),
        ((5, 3, 4), (4, 2)),
        ((4,), (4,)),
        ((3, 4), (4,)),
        ((4,), (4, 2)),
        ((4,), (5, 4, 2)),
        ((5, 3, 4), (4,)),
    ]
):
    save(f"matmul{i}", torch.matmul, normal(*p), normal(*q))
rows, columns = np.array([2, 0, 2, 2, 1]), np.array([0, 3, 0, 1, 3])
save("index_rows", lambda a: a[rows], normal(3, 4))
save("index_pairs", lambda a: a[rows, columns], normal(3, 4))
save("index_slices", lambda a: a[1:, None, ::2] * a[0, 1], normal(3, 4))
save("index_mask", lambda a: a[torch.tensor(np.arange(12).reshape(3, 4) % 5 < 2)], normal(3, 4))
save(
    "views",
    lambda a: a.permute(2, 0, 1).reshape(4, 6).T.contiguous() * a.reshape(1, 24).expand(2, 24).sum(0)[3],
    normal(2, 3, 4),
)
save("shared", shared, normal(5))
save("log_softmax", lambda a: F.log_softmax(a, dim=1), 3 * normal(4, 5))

labels = rng.integers(0, 5, 4)
golden["cnn.labels"] = labels


def cnn(x, *p):
    x = F.relu(F.batch_norm(F.conv2d(x, p[0], p[1], padding=1), None, None, p[2], p[3], training=True))
    x = F.max_pool2d(x, 2)
    x = F.relu(F.conv2d(x, p[4], p[5], stride=2)).flatten(1)
    return F.cross_entropy(F.linear(x, p[6], p[7]), torch.tensor(labels))


shapes = [(3, 2, 3, 3), (3,), (3,), (3,), (4, 3, 2, 2), (4,), (5, 16), (5,)]
save("cnn", cnn, normal(4, 2, 8, 9), *(normal(*shape) for shape in shapes))

rng = np.random.default_rng(44)  # what came later has numbers of its own: those above stay as they are
save("where", lambda a, b: torch.where(a > b, a * b, b), normal(3, 4), normal(4))
save("where_number", lambda a: torch.where(a < 0, 0.5 * a, 2.0), normal(2, 3))
save("tanh", lambda a: (a * a.tanh()).tanh(), normal(3, 4))
save(
    "residual",
    lambda x, w, v: F.mse_loss(x + torch.tanh(x @ w.T) @ v.T, 2 * x),
    normal(5, 4),
    normal(3, 4),
    normal(4, 3),
)

path = Path(__file__).with_name("autograd.npz")
np.savez_compressed(path, **golden)
print(f"{path.name}: {len(golden)} arrays, {path.stat().st_size:,} bytes, torch {torch.__version__}")
