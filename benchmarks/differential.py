"""Random differential tests of the reference against PyTorch: values, dtypes, refusals and gradients.

    python -m venv /tmp/torch && /tmp/torch/bin/pip install torch numpy
    /tmp/torch/bin/python benchmarks/differential.py [CASES] [SEED]

Claim: all that differs is named in DIFFERENCES, at most 20 of them, and each is documented where students read it.

A case is an operation, with arrays of any shape (of no axis, of no number, broadcast), layout (strided, turned around,
transposed), dtype, and with numbers that are ordinary or hard. Last result: differential.log.
"""

import sys
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tinytorch_ref.core import autograd, cnn, mlp
from tinytorch_ref.core.tensor import Tensor, apply, where

README = Path(__file__).resolve().parents[1] / "source/autograd/README.md"
FLOATS = ("float16", "float32", "float64")
INTS = ("bool", "uint8", "int8", "int16", "int32", "int64")
HARD = (0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-30, -1e30, 6e4, 1e-7, 88.0, -104.0, 2.5)
NUMBERS = (True, False, 0, 1, 3, -1, 127, 256, -129, 2**31, 0.0, 0.5, -2.5, 1e30, float("inf"), float("nan"))
TOLERANCES = {"float16": 1e-2, "float32": 3e-5, "float64": 1e-9}


@dataclass
class Case:
    """An operation, as both sides carry it out. numbers: hard or ordinary; note: what else a reader has to know."""

    name: str
    ours: object
    theirs: object
    arrays: list
    hard: bool
    note: dict = field(default_factory=dict)

    def __str__(self):
        arrays = ", ".join(f"{a.dtype}{a.shape}" for a in self.arrays)
        return f"{self.name}({arrays}) {self.note or ''}{' of hard numbers' if self.hard else ''}"


@dataclass
class Outcome:
    """What one side made of a case: an error, or a result with gradients (None for what has none)."""

    error: Exception | None = None
    out: np.ndarray | None = None
    grads: list = field(default_factory=list)


# --- what may differ ----------------------------------------------------------------------------


def has(case, kind):
    return any(a.dtype.kind in kind for a in case.arrays)


def nan_meets(case, *names):
    return case.name in names and np.isnan(case.arrays[0]).any()


def sums(case, *names):
    return case.hard and case.name in names


def number_fits(case):
    """Whether the Python number of a case, and the number before it, are exact in the dtype of its floats."""
    own, number = case.arrays[0].dtype, case.note.get("number", 0)
    with np.errstate(over="ignore"):
        return own.kind != "f" or number != number or all(float(own.type(n)) == n for n in (number, number - 1))


# what differs, as source/autograd/README.md tells students → whether a case may differ by it, given both outcomes
DIFFERENCES = {
    "an int that does not fit the other operand's dtype is refused": lambda case, ours, theirs: (
        isinstance(ours.error, OverflowError) and "number" in case.note
    ),
    "a tensor without axes counts like any other in the choice of a result's dtype": lambda case, ours, theirs: (
        len(case.arrays) == 2
        and min(a.ndim for a in case.arrays) == 0 < max(a.ndim for a in case.arrays)
        and case.arrays[0].dtype != case.arrays[1].dtype
    ),
    "bools count as numbers: you may subtract them, use them in powers and in relu": lambda case, ours, theirs: (
        case.name in ("sub", "pow", "neg", "relu")
        and (has(case, "b") or isinstance(case.note.get("number"), bool))
        and (case.name == "pow" or isinstance(theirs.error, RuntimeError))
    ),
    "an int to the power of a negative int is refused": lambda case, ours, theirs: (
        case.name == "pow" and isinstance(ours.error, ValueError)
    ),
    "a number or int tensor beside floats is rounded to their dtype first": lambda case, ours, theirs: (
        (not number_fits(case) or (case.name == "pow" and case.hard and has(case, "iu"))) and ours.error is None
    ),
    "the power 0.5 is a power, where PyTorch takes the root: they differ at -0 and -inf": lambda case, ours, theirs: (
        case.name == "pow" and case.hard and case.note.get("number") == 0.5
    ),
    "a quotient has a gradient even where the square of its divisor is rounded to 0": lambda case, ours, theirs: (
        case.name == "div" and case.hard and ours.error is None and close(ours.out, theirs.out, True)
    ),
    "the mean of a single number along an axis is refused": lambda case, ours, theirs: (
        case.name == "mean" and isinstance(ours.error, np.exceptions.AxisError)
    ),
    "batch norm refuses an empty batch while it learns, and always one of other channels": lambda case, ours, theirs: (
        case.name == "batch_norm" and isinstance(ours.error, ValueError) and case.arrays[0].size == 0
    ),
    "relu and max pooling pass no gradient to a number that is nan": lambda case, ours, theirs: (
        nan_meets(case, "relu", "max_pool2d") and close(ours.out, theirs.out)
    ),
    "if a filter holds inf or nan, all gradients of pixels are nan": lambda case, ours, theirs: (
        sums(case, "conv2d") and close(ours.out, theirs.out, True)
    ),
    "whether a sum overflows depends on the order in which its terms are added": lambda case, ours, theirs: (
        sums(case, "matmul", "linear", "conv2d", "sum", "mean", "mse", "avg_pool2d", "batch_norm")
        and ours.error is None
        and theirs.error is None
    ),
}


# --- cases --------------------------------------------------------------------------------------


def shape(rng, most=3):
    """A random shape: often of no axis, now and then of no number."""
    return tuple(int(n) for n in rng.choice([0, 1, 2, 3, 4], rng.integers(0, most + 1), p=[0.06, 0.2, 0.3, 0.24, 0.2]))


def stretched(rng, shape):
    """A shape that broadcasts with `shape`, mostly."""
    kept = [n if rng.random() < 0.7 else 1 for n in shape[rng.integers(0, len(shape) + 1) :]]
    return tuple(kept) if rng.random() < 0.95 else (*kept, 5)


def array(rng, shape, dtype, hard, low=-3.0, high=3.0):
    """Random numbers in a random layout."""
    layout = rng.integers(4)
    stored = tuple(2 * n for n in shape) if layout == 1 else shape[::-1] if layout == 2 else shape
    if dtype in FLOATS and hard:
        block = rng.choice(HARD, stored)
    elif dtype in INTS and hard and dtype != "bool":
        block = rng.choice(
            [np.iinfo(dtype).min, -1 % 256 if dtype == "uint8" else -1, 0, 1, np.iinfo(dtype).max], stored
        )
    elif dtype == "uint8":
        block = rng.integers(0, 9, stored)
    else:
        block = rng.uniform(low, high, stored) if dtype in FLOATS else rng.integers(-4, 5, stored)
    with np.errstate(all="ignore"):
        block = np.asarray(block).astype(dtype)
    if layout == 1:
        return block[tuple(slice(None, None, 2) for _ in shape)]
    return block.T if layout == 2 else np.flip(block) if layout == 3 else block


BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "pow": lambda a, b: a**b,
    "equal": lambda a, b: a == b,
    "not equal": lambda a, b: a != b,
    "less": lambda a, b: a < b,
    "less or equal": lambda a, b: a <= b,
    "greater": lambda a, b: a > b,
    "greater or equal": lambda a, b: a >= b,
}


def any_dtype(rng):
    return str(rng.choice(FLOATS[1:])) if rng.random() < 0.5 else str(rng.choice(FLOATS + INTS))


def binary(rng, hard):
    name = str(rng.choice(list(BINARY)))
    a = array(rng, shape(rng), any_dtype(rng), hard)
    b = array(rng, stretched(rng, a.shape), any_dtype(rng), hard)
    return Case(name, BINARY[name], BINARY[name], [a, b], hard)


def with_number(rng, hard):
    name, number, swapped = str(rng.choice(list(BINARY))), NUMBERS[rng.integers(len(NUMBERS))], rng.random() < 0.5
    operation = BINARY[name]
    call = (lambda a: operation(number, a)) if swapped else (lambda a: operation(a, number))
    note = {"number": number, "swapped": swapped}
    return Case(name, call, call, [array(rng, shape(rng), any_dtype(rng), hard)], hard, note)


def choice(rng, hard):
    a = array(rng, shape(rng), any_dtype(rng), hard)
    b = array(rng, stretched(rng, a.shape), any_dtype(rng), hard)
    condition = rng.random(a.shape if rng.random() < 0.5 else stretched(rng, a.shape)) < 0.5
    ours, theirs = lambda a, b: where(condition, a, b), lambda a, b: torch.where(torch.tensor(condition), a, b)
    return Case("where", ours, theirs, [a, b], hard, {"condition": condition.tolist()})


UNARY = {
    "neg": (lambda a: -a, lambda a: -a),
    "exp": (lambda a: a.exp(), lambda a: a.exp()),
    "tanh": (lambda a: a.tanh(), lambda a: a.tanh()),
    "log": (lambda a: a.log(), lambda a: a.log()),
    "relu": (lambda a: apply(mlp.relu, a), torch.relu),
    "sigmoid": (lambda a: mlp.Sigmoid()(a), torch.sigmoid),
    "copy": (lambda a: a.contiguous(), lambda a: a.contiguous()),
    "double": (lambda a: a.astype("float64"), lambda a: a.double()),
    "whole numbers": (lambda a: a.astype("int64"), lambda a: a.long()),
}


def unary(rng, hard):
    name = str(rng.choice(list(UNARY)))
    return Case(name, *UNARY[name], [array(rng, shape(rng), any_dtype(rng), hard)], hard)


def reduction(rng, hard):
    name = str(rng.choice(["sum", "mean", "max"]))
    a = array(rng, shape(rng), any_dtype(rng), hard)
    axes = [None, 0, -1, 1, tuple(range(a.ndim))[:2] or None]
    axis, keep = axes[rng.integers(len(axes))], bool(rng.random() < 0.4)

    def theirs(x):
        if name == "max":
            return torch.amax(x, () if axis is None else axis, keepdim=keep)
        x = x.float() if name == "mean" and not x.is_floating_point() else x
        return getattr(x, name)(dim=axis, keepdim=keep)

    call = lambda x: getattr(x, name)(axis=axis, keepdims=keep)  # noqa: E731
    return Case(name, call, theirs, [a], hard, {"axis": axis, "keepdims": keep})


def view(rng, hard):
    a = array(rng, shape(rng), any_dtype(rng), hard)
    picks = [0, slice(None), slice(1, None), slice(None, None, 2), None, ..., [0, 0]]
    index = tuple(picks[i] for i in rng.integers(0, len(picks), rng.integers(1, 3)))
    index = index if sum(i is ... for i in index) < 2 else (...,)
    order = tuple(int(i) for i in rng.permutation(a.ndim))
    new = [(-1,), (1, -1), (a.size,), a.shape[::-1], (2, -1), (5, -1)][rng.integers(6)]
    wide = (2, *a.shape)
    calls = {
        "getitem": (lambda x: x[index], lambda x: x[index], {"index": index}),
        "transpose": (lambda x: x.transpose(order) if order else x.T, lambda x: x.permute(order), {"axes": order}),
        "reshape": (lambda x: x.reshape(new), lambda x: x.reshape(new), {"shape": new}),
        "expand": (lambda x: x.expand(wide), lambda x: x.expand(wide), {"shape": wide}),
    }
    name = str(rng.choice(list(calls)))
    ours, theirs, note = calls[name]
    return Case(name, ours, theirs, [a], hard, note)


def product(rng, hard):
    dtype = str(rng.choice(FLOATS[1:])) if rng.random() < 0.8 else "int64"
    m, k, n = (int(i) for i in rng.choice([0, 1, 2, 3, 5], 3, p=[0.05, 0.15, 0.2, 0.3, 0.3]))
    batch = tuple(int(i) for i in rng.integers(1, 4, rng.integers(0, 3)))
    left = (k,) if rng.random() < 0.2 else (*batch, m, k)
    right = (k,) if rng.random() < 0.2 else (*stretched(rng, batch), k, n)
    right = right if rng.random() < 0.95 else (*right[:-2], k + 1, n)
    arrays = [array(rng, one, dtype, hard) for one in (left, right)]
    return Case("matmul", lambda a, b: a @ b, lambda a, b: a @ b, arrays, hard)


def linear(rng, hard):
    inside, outside = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    shapes = [(*shape(rng, 2), inside), (outside, inside), (outside,)]
    dtype = str(rng.choice(FLOATS[1:]))
    arrays = [array(rng, one, dtype, hard) for one in shapes]
    return Case("linear", lambda *t: apply(mlp.linear, *t), torch.nn.functional.linear, arrays, hard)


def loss(rng, hard):
    classes, samples = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    logits = array(rng, (samples, classes), str(rng.choice(FLOATS[1:])), hard)
    low, high = (-2, classes + 2) if rng.random() < 0.2 else (0, classes)
    labels = rng.integers(low, high, samples)
    if rng.random() < 0.3:
        return Case("log_softmax", lambda x: apply(mlp.log_softmax, x), lambda x: x.log_softmax(1), [logits], hard)
    if rng.random() < 0.3:
        both = [logits, array(rng, logits.shape, str(logits.dtype), hard)]
        return Case("mse", mlp.MSELoss(), torch.nn.functional.mse_loss, both, hard)
    note = {"labels": labels.tolist()}
    ours, theirs = mlp.CrossEntropyLoss(), torch.nn.functional.cross_entropy
    return Case("cross_entropy", ours, lambda x, y: theirs(x, y, ignore_index=-100), [logits, labels], hard, note)


def convolution(rng, hard):
    n, c, o = (int(i) for i in (rng.integers(0, 3), rng.integers(1, 4), rng.integers(1, 4)))
    size, kernel = rng.integers(1, 7, 2).tolist(), rng.integers(1, 4, 2).tolist()
    channels = c if rng.random() < 0.95 else c + 1
    options = {"stride": int(rng.integers(1, 3)), "padding": int(rng.integers(0, 3))}
    parts = bool(rng.random() < 0.5)  # as if there were much to do
    shapes = [(n, channels, *size), (o, c, *kernel), (o,)]
    dtype = str(rng.choice(FLOATS[1:]))
    arrays = [array(rng, one, dtype, hard) for one in shapes]
    theirs = lambda *t: torch.nn.functional.conv2d(*t, **options)  # noqa: E731
    ours = lambda *t: apply(cnn.conv2d, *t, **options)  # noqa: E731
    return Case("conv2d", ours, theirs, arrays, hard, options | {"parts": parts})


def pooling(rng, hard):
    x = array(rng, (*(int(i) for i in rng.integers(1, 4, 2)), *rng.integers(1, 7, 2).tolist()), "float32", hard)
    kernel, stride = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    name = str(rng.choice(["max_pool2d", "avg_pool2d"]))
    ours = lambda t: apply(getattr(cnn, name), t, kernel_size=kernel, stride=stride)  # noqa: E731
    theirs = lambda t: getattr(torch.nn.functional, name)(t, kernel, stride)  # noqa: E731
    return Case(name, ours, theirs, [x], hard, {"kernel_size": kernel, "stride": stride})


def normalization(rng, hard):
    c, training = int(rng.integers(1, 4)), bool(rng.random() < 0.6)
    channels = c if rng.random() < 0.95 else c + 1
    x = array(rng, (int(rng.integers(0, 4)), channels, *rng.integers(1, 4, 2).tolist()), "float64", hard)
    ours, theirs = cnn.BatchNorm2d(c), torch.nn.BatchNorm2d(c).double()  # of few pixels float32 leaves no digits
    for tensor in (ours.weight, ours.bias, ours.running_mean, ours.running_var):
        tensor.data = tensor.data.astype(np.float64)
    ours.train(training), theirs.train(training)
    return Case("batch_norm", ours, theirs, [x], hard, {"channels": c, "training": training})


KINDS = {
    binary: 6, with_number: 4, choice: 1, unary: 3, reduction: 4, view: 4, product: 3, linear: 1, loss: 2,
    convolution: 2, pooling: 1, normalization: 1,
}  # fmt: skip


# --- both sides ---------------------------------------------------------------------------------


def run_ours(case, cotangents):
    cnn.CHUNK, cnn.SHORT = (1, 1) if case.note.get("parts") else (1 << 20, 16)
    tensors = [Tensor(a.copy() if a.ndim == 0 else a, requires_grad=a.dtype.kind == "f") for a in case.arrays]
    out = case.ours(*tensors)
    grads = [None] * len(tensors)
    if out.requires_grad:
        autograd.backward(out, cotangents(out.shape).astype(out.dtype))
        grads = [None if t.grad is None else t.grad.data for t in tensors]
    return Outcome(out=np.asarray(out.data), grads=grads)


def run_theirs(case, cotangents):
    tensors = [torch.from_numpy(np.array(a, order="C")) for a in case.arrays]
    for tensor in tensors:
        tensor.requires_grad_(tensor.is_floating_point())
    out = case.theirs(*tensors)
    grads = [None] * len(tensors)
    if out.requires_grad:
        out.backward(torch.tensor(cotangents(tuple(out.shape))).to(out.dtype))
        grads = [None if t.grad is None else t.grad.numpy() for t in tensors]
    return Outcome(out=out.detach().numpy(), grads=grads)


def outcome(side, case, seed):
    """seed: of the gradients of the result, which are ordinary numbers."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return side(case, lambda shape: np.random.default_rng(seed).uniform(0.5, 2.0, shape))
    except Exception as error:
        return Outcome(error=error)


def close(one, other, hard=False):
    """Whether two arrays are the same but for rounding; None is a gradient of zeros."""
    if one is None or other is None:
        return all(array is None or not np.any(array) for array in (one, other))
    if one.shape != other.shape:
        return False
    rtol = max(TOLERANCES.get(str(array.dtype), 0) for array in (one, other))
    atol = rtol * (1e-3 if hard else 0.3)  # ordinary numbers have sizes of about one, and cancel
    return np.allclose(one.astype(np.float64), other.astype(np.float64), rtol=rtol, atol=atol, equal_nan=True)


def difference(case, ours, theirs):
    """Where the outcomes differ, in words, or None."""
    if (ours.error is None) != (theirs.error is None):
        return f"ours {ours.error!r}, PyTorch {theirs.error!r}"[:200]
    if ours.error is not None:
        return None
    if ours.out.dtype != theirs.out.dtype:
        return f"dtype {ours.out.dtype}, PyTorch {theirs.out.dtype}"
    if not close(ours.out, theirs.out, case.hard):
        return f"value {ours.out.ravel()[:6]}, PyTorch {theirs.out.ravel()[:6]}"
    for i, (one, other) in enumerate(zip(ours.grads, theirs.grads, strict=True)):
        if not close(one, other, case.hard):
            shown = [None if g is None else g.ravel()[:6] for g in (one, other)]
            return f"gradient {i}: {shown[0]}, PyTorch {shown[1]}"
    return None


def cases(count, seed):
    rng = np.random.default_rng(seed)
    kinds, weights = list(KINDS), np.array(list(KINDS.values())) / sum(KINDS.values())
    for _ in range(count):
        make = kinds[rng.choice(len(kinds), p=weights)]
        yield make(rng, bool(rng.random() < 0.3))


def main(count=20_000, seed=0):
    told = README.read_text(encoding="utf-8").lower()
    if unknown := [name for name in DIFFERENCES if name.lower() not in told]:
        sys.exit(f"source/autograd/README.md does not tell students: {unknown}")
    torch.set_num_threads(1)
    print(f"numpy {np.__version__}, torch {torch.__version__}; {count:,} cases, seed {seed}\n")
    tried, named, unnamed = Counter(), Counter(), 0
    for i, case in enumerate(cases(count, seed)):
        ours, theirs = outcome(run_ours, case, i), outcome(run_theirs, case, i)
        tried[case.name] += 1
        words = difference(case, ours, theirs)
        if words is None:
            continue
        name = next((name for name, fits in DIFFERENCES.items() if fits(case, ours, theirs)), None)
        named[name] += name is not None
        if name is None:
            unnamed += 1
            print(f"case {i}: {case}: {words}")
    print("cases: " + ", ".join(f"{name} {n}" for name, n in sorted(tried.items())))
    for name in DIFFERENCES:
        print(f"{named[name]:6} {name}")
    print(f"{unnamed:6} differences that nobody has named")
    return int(unnamed > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
