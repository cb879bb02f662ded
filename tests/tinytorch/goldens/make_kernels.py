"""Softmax and layer norm as PyTorch computes them in float32: writes kernels.npz next to this script.

    python make_kernels.py        # needs torch; made with torch 2.13.0 (CPU)

Convolutions are compared with cnn.npz. Names are <case>.<what>; tests/tinytorch/test_kernels.py reads them.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

rng = np.random.default_rng(10)
golden = {}


def save(case, **arrays):
    for what, array in arrays.items():
        golden[f"{case}.{what}"] = array.numpy() if isinstance(array, torch.Tensor) else np.asarray(array)


def normal(*shape):
    return torch.tensor(np.round(16 * rng.standard_normal(shape)) / 16, dtype=torch.float32)


rows = {"rows": normal(5, 19), "spread": 30 * normal(4, 33), "far": 2000 + normal(3, 17), "one": normal(3, 1)}
masked = normal(4, 6)
masked[:, ::2] = -torch.inf
rows |= {"masked": masked, "large": torch.tensor([[3e4, 3e4, 0.0], [-1e30, -1e30, -2e30]])}
for name, x in rows.items():
    save(f"softmax_{name}", x=x, out=F.softmax(x, dim=-1))
cube = normal(3, 4, 5)
save("softmax_axes", x=cube, **{f"out{axis}": F.softmax(cube, dim=axis) for axis in range(3)})
for name in ("rows", "spread", "far"):
    x, (weight, bias) = rows[name], (normal(rows[name].shape[1]) for _ in range(2))
    save(f"norm_{name}", x=x, weight=weight, bias=bias)
    save(f"norm_{name}", out=F.layer_norm(x.double(), weight.shape, weight.double(), bias.double(), eps=0.01))
x = torch.tensor(np.append(rng.uniform(-87, 88, 60), [0.0, 1.0, -1.0, 0.5, 88.0, -87.0]), dtype=torch.float32)
save("exp", x=x, out=x.double().exp())

path = Path(__file__).with_name("kernels.npz")
np.savez_compressed(path, **golden)
print(f"{path.name}: {len(golden)} arrays, {path.stat().st_size:,} bytes, torch {torch.__version__}")
