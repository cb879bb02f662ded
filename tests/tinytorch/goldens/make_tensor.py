"""Makes goldens/tensor.npz with PyTorch: inputs, results, dtypes, shapes and layouts that Tensor is compared with.

Run from anywhere with a Python that has torch: python make_tensor.py
"""

import itertools
from pathlib import Path

import numpy as np
import torch

KINDS = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
NUMBERS = [True, 3, 0.1]
OPERATIONS = {
    "add": lambda a, b, row, whole: a + row,
    "sub": lambda a, b, row, whole: row - a,
    "mul": lambda a, b, row, whole: a * row,
    "mul of ints": lambda a, b, row, whole: whole * 3,
    "ints times floats": lambda a, b, row, whole: whole * a,
    "div": lambda a, b, row, whole: row / a,
    "div of ints": lambda a, b, row, whole: whole / 7,
    "one over": lambda a, b, row, whole: 1 / a,
    "ten minus": lambda a, b, row, whole: 10 - whole,
    "pow": lambda a, b, row, whole: a**1.5,
    "pow of ints": lambda a, b, row, whole: whole**2,
    "two to the power": lambda a, b, row, whole: 2**a,
    "neg": lambda a, b, row, whole: -a,
    "exp": lambda a, b, row, whole: a.exp(),
    "log": lambda a, b, row, whole: a.log(),
    "log of ints": lambda a, b, row, whole: whole.log(),
    "matmul": lambda a, b, row, whole: a @ b,
    "matmul with a vector": lambda a, b, row, whole: a @ row,
    "matmul of batches": lambda a, b, row, whole: a.reshape(2, 1, 3, 4) @ b,
    "sum": lambda a, b, row, whole: a.sum(),
    "sum of ints": lambda a, b, row, whole: whole.sum(1),
    "sum, axes kept": lambda a, b, row, whole: a.sum((0, 2), keepdim=True),
    "mean": lambda a, b, row, whole: a.mean(-1),
    "mean of ints": lambda a, b, row, whole: whole.float().mean(0),
    "max": lambda a, b, row, whole: a.amax(1),
    "reshape": lambda a, b, row, whole: a.reshape(4, -1),
    "reshape of the transpose": lambda a, b, row, whole: a.permute(2, 1, 0).reshape(-1, 6),
    "transpose": lambda a, b, row, whole: a.permute(1, 2, 0),
    "slices": lambda a, b, row, whole: a[1, ::2, 1:],
    "picked by a tensor": lambda a, b, row, whole: row[whole[0, 0]],
    "expand": lambda a, b, row, whole: row.expand(2, 3, 4),
}


def inputs(rng):
    a = rng.random((2, 3, 4), dtype=np.float32) + 0.5
    b = rng.standard_normal((4, 5)).astype(np.float32)
    row = rng.standard_normal(4).astype(np.float32)
    whole = rng.integers(1, 4, size=(2, 3, 4))
    return {"a": a, "b": b, "row": row, "whole": whole}


def dtype_name(tensor):
    return str(tensor.dtype).removeprefix("torch.")


def outcome(call):
    try:
        return call()
    except (RuntimeError, ValueError):
        return None


def dtype_rules():
    """Rows of text: dtype, dtype or number, dtype of the product, dtype of the quotient."""
    one = {kind: torch.ones(2, dtype=getattr(torch, kind)) for kind in KINDS}
    others = [(kind, one[kind]) for kind in KINDS] + [(repr(number), number) for number in NUMBERS]
    return [
        [kind, name, dtype_name(one[kind] * other), dtype_name(one[kind] / other)]
        for kind, (name, other) in itertools.product(KINDS, others)
    ]


def shape_rules(rng):
    """Rows of text: shape, shape, what they broadcast to, the shape of their matrix product ("None": an error)."""
    rows = []
    for _ in range(150):
        full = rng.integers(0, 4, size=4)
        a, b = (tuple(np.where(rng.random(4) < 0.4, 1, full)[rng.integers(5) :].tolist()) for _ in range(2))
        together = outcome(lambda a=a, b=b: tuple(torch.broadcast_shapes(a, b)))
        product = outcome(lambda a=a, b=b: tuple((torch.ones(a) @ torch.ones(b)).shape))
        rows.append([repr(value) for value in (a, b, together, product)])
    return rows


def reshape_rules(rng):
    """Rows of text: size, shape asked for, shape given ("None": an error)."""
    rows = []
    for _ in range(120):
        size, shape = int(rng.integers(0, 13)), tuple(rng.choice([-1, 0, 1, 2, 3, 4], size=rng.integers(0, 4)).tolist())
        given = outcome(lambda size=size, shape=shape: tuple(torch.ones(size).reshape(shape).shape))
        rows.append([str(size), repr(shape), repr(given)])
    return rows


def layout_rules(rng):
    """Rows of text: shape, axes, step, strides in bytes of that view, whether it is contiguous."""
    rows = []
    for _ in range(80):
        shape = tuple(rng.integers(1, 4, size=rng.integers(1, 4)).tolist())
        axes, step = tuple(rng.permutation(len(shape)).tolist()), int(rng.integers(1, 3))
        view = torch.ones(shape).permute(axes)[..., ::step]
        strides = tuple(4 * stride for stride in view.stride())
        rows.append([repr(value) for value in (shape, axes, step, strides, view.is_contiguous())])
    return rows


def main():
    rng = np.random.default_rng(1)
    arrays = inputs(rng)
    tensors = {name: torch.from_numpy(array) for name, array in arrays.items()}
    results = {f"out {name}": function(**tensors).numpy() for name, function in OPERATIONS.items()}
    rules = {
        "dtypes": dtype_rules(),
        "shapes": shape_rules(rng),
        "reshapes": reshape_rules(rng),
        "layouts": layout_rules(rng),
    }
    path = Path(__file__).with_name("tensor.npz")
    np.savez_compressed(path, **arrays, **results, **{name: np.array(rows) for name, rows in rules.items()})
    print(f"{path.name}: {path.stat().st_size:,} bytes, torch {torch.__version__}")


if __name__ == "__main__":
    main()
