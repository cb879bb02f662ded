"""Numbers and claims in the notebooks' prose: each computed here, or in a cell that prints what this machine measures.

A row is the module, the words as they stand in a Markdown cell, and what the claim comes to. A sentence that was
changed fails here, so whoever changes one comes by its row.
"""

import base64
import gzip
import hashlib
import math
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest
import yaml
from tinytorch.core import cnn, data, gpt, mlops, mlp, setup, tensor
from tinytorch.core.tensor import Tensor

from tito import notebooks
from tito.workspace import Workspace

COURSE = Workspace.find(Path(__file__).parents[2])
DETECTION = (COURSE.root / "benchmarks/regression_detection.log").read_text(encoding="utf-8")


@cache
def cells(module):
    return notebooks.load(COURSE.notebook(module))["cells"]


def prose(module):
    return " ".join("\n".join(cell["source"] for cell in cells(module) if cell["cell_type"] == "markdown").split())


def ratio(estimate, variance, tau):
    """The likelihood ratio of a normal mixture, as the formula in the notebook says."""
    v, t = variance, tau**2
    return math.sqrt(v / (v + t)) * math.exp(estimate**2 * t / (2 * v * (v + t)))


def integrated(estimate, variance, tau):
    """The same by adding up the likelihoods of all true values."""
    values = np.linspace(-8 * tau, 8 * tau, 20_001)
    weight = np.exp(-(values**2) / (2 * tau**2)) / (tau * math.sqrt(2 * math.pi))
    likelihood = np.exp(-((estimate - values) ** 2) / (2 * variance) + estimate**2 / (2 * variance))
    return float(np.trapezoid(weight * likelihood, values))


def stretched():
    return np.broadcast_to(np.zeros(3, np.float32), (64, 3))


def heard_by_the_last():
    """What the last of five tokens hears, and what it hears when those before it have changed places."""
    layer, x = gpt.Attention(8, 2, np.random.default_rng(0)), np.random.default_rng(1).standard_normal((1, 5, 8))
    return [layer(Tensor(x[:, order])).data[:, -1] for order in ([0, 1, 2, 3, 4], [2, 0, 3, 1, 4])]


def first_loss(count):
    model, tokens = (
        gpt.GPT(count, 16, rng=np.random.default_rng(0)),
        np.random.default_rng(1).integers(0, count, (4, 17)),
    )
    return gpt.next_token_loss(model, tokens[:, :-1], tokens[:, 1:]).item()


def two_sided(successes, n):
    """p of the test for two rates, with the pooled one."""
    rates, pooled = np.array(successes) / n, sum(successes) / (2 * n)
    z = abs(rates[1] - rates[0]) / math.sqrt(pooled * (1 - pooled) * 2 / n)
    return math.erfc(z / math.sqrt(2))


def exp_by_series(x):
    n = round(x / math.log(2))
    r = x - n * math.log(2)
    assert abs(r) < 0.35
    return 2.0**n * sum(r**k / math.factorial(k) for k in range(8))


def winograd_tile():
    """Multiplications of a tile of 4 x 4 pixels by Winograd's F(2 x 2, 3 x 3), and one by one."""
    return 4 * 4, 2 * 2 * 3 * 3


def odds_left_out(n=10_000):
    """The share of n items that n draws with replacement leave out."""
    return (1 - 1 / n) ** n


def sigmoid_forms(x):
    return [1 / (1 + math.exp(-x)), math.exp(x) / (1 + math.exp(x))]


def mad_of_normal():
    return 1 / NormalDist().inv_cdf(0.75)


def receptive(layers):
    seen, step = 1, 1
    for size, stride in layers:
        seen, step = seen + (size - 1) * step, step * stride
    return seen


def naive(doublings, hand_on_the_sum=False):
    """The gradient of a number that was doubled so often, by recursion, and how often its tensor was visited."""
    sums, visits = [0] * (doublings + 1), 0

    def visit(depth, grad):
        nonlocal visits
        sums[depth] += grad
        visits += depth == doublings
        for _ in range(2 if depth < doublings else 0):
            visit(depth + 1, sums[depth] if hand_on_the_sum else grad)

    visit(0, 1)
    return sums[-1], visits


def added_blocks():
    """Whether the addition of blocks of bytes gives numpy's numbers, with three functions of the notebook alone."""
    (text,) = [cell["source"] for cell in cells("tensor") if cell["id"] == "add_blocks"]
    names = "broadcast_shapes", "broadcast_strides", "contiguous_strides"
    space = {name: vars(tensor)[name] for name in names} | {"np": np}
    exec(text.partition("\nprint(")[0], space)
    numbers = np.frombuffer(space["block"], np.float32).reshape(space["shape"])
    return (
        np.array_equal(numbers, np.add(np.arange(1, 7).reshape(2, 3).T, [100, 200]))
        and space["strides"] == numbers.strides
    )


def scalar_engine():
    """How many lines the class of single numbers has, and the two slopes that it finds."""
    (text,) = [cell["source"] for cell in cells("autograd") if cell["source"].startswith("class Scalar:")]
    text, space = text.partition("\nprint(")[0], {}
    exec(text, space)
    return len([line for line in text.partition("\nx, y =")[0].splitlines() if line]), space["x"].grad, space["y"].grad


def padding_share(size):
    """Which share of the numbers in all 3 x 3 patches of a padded image is padding."""
    return 1 - ((3 * size - 2) / (3 * size)) ** 2


def shrinks():
    """By how much numbers shrink in a linear layer with PyTorch's start values, and a ReLU behind it."""
    return math.sqrt(1 / 3 / 2)


def valley_height(lr, steps=200):
    """How high a walker still is in the valley (x² + 25 y²) / 2, from (-9, 2)."""
    x, y = -9.0 * (1 - lr) ** steps, 2.0 * (1 - 25 * lr) ** steps
    return (x * x + 25 * y * y) / 2


def two_linear(rng):
    x, a, b = rng.standard_normal((5, 4)), rng.standard_normal((3, 4)), rng.standard_normal((2, 3))
    return (x @ a.T) @ b.T, x @ (b @ a).T


def mlp_flops(batch=32):
    return sum(mlp.linear_cost(batch, *sizes)["flops"] for sizes in ((784, 64), (64, 10)))


def peak_of_pieces(pieces, layers=48, kept=200, result=50):
    """MB of a checkpointed model: the inputs of all pieces, and one piece in full."""
    return pieces * result + layers / pieces * kept


PHOTOS, MAPS = 64 * 3 * 32 * 32 * 4, 64 * 8 * 32 * 32 * 4  # bytes of profiling's images, and of its first feature maps


def near(value, said, places=0):
    return round(value, places) == said


def digits(part):
    raw = gzip.decompress((COURSE.notebook("data").parent / f"mnist/{part}-images-idx3-ubyte.gz").read_bytes())
    return data.parse_idx(raw)


def raises(error, call, *arguments):
    try:
        call(*arguments)
    except error as problem:
        return str(problem)
    raise AssertionError(f"no {error.__name__}")


COMPUTED = [  # module, the words, what holds
    ("setup", '"9" comes after "1"', lambda: "3.9" > "3.11"),
    ("setup", '| `"2.4.6"` | `(2, 4, 6)` |', lambda: setup.parse_version("2.4.6") == (2, 4, 6)),
    ("setup", '| `"3.11.0rc1"` | `(3, 11, 0)` |', lambda: setup.parse_version("3.11.0rc1") == (3, 11, 0)),
    ("setup", '| `"2.1+cpu"` | `(2, 1)` |', lambda: setup.parse_version("2.1+cpu") == (2, 1)),
    ("setup", '| `"1.2.dev5"` | `(1, 2)` |', lambda: setup.parse_version("1.2.dev5") == (1, 2)),
    (
        "setup",
        '`"v2.0"`, `" 2.0"` | ValueError',
        lambda: [raises(ValueError, setup.parse_version, t) for t in ("v2.0", " 2.0")],
    ),
    ("setup", "How much is 16646123520 bytes?", lambda: setup.format_bytes(16646123520).startswith("15.5 G")),
    ("setup", "at a TB the two differ by a tenth", lambda: round(1024**4 / 1000**4 - 1, 1) == 0.1),
    ("setup", "The object takes 24 bytes", lambda: sys.getsizeof(1.5) == 24),
    ("setup", "That makes 32 bytes for a number", lambda: sys.getsizeof(1.5) + 8 == 32),
    (
        "tensor",
        "turns `int64` with `float32` into `float64`",
        lambda: np.result_type(np.int64, np.float32) == np.float64,
    ),
    (
        "tensor",
        "that is byte 1 * 12 + 2 * 4 = 20",
        lambda: np.ones((2, 3), np.float32).strides == (12, 4) and 12 + 2 * 4 == 20,
    ),
    (
        "tensor",
        "it says 768 bytes, although the bias has 12",
        lambda: (stretched().nbytes, stretched()[0].nbytes, stretched().strides[0]) == (768, 12, 0),
    ),
    ("tensor", "adds up two blocks of bytes, and uses nothing but your three functions", lambda: added_blocks()),
    ("tensor", "`(2, 3) @ (3, 4)` gives `(2, 4)`", lambda: (np.ones((2, 3)) @ np.ones((3, 4))).shape == (2, 4)),
    (
        "tensor",
        "mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?)",
        lambda: (
            "core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?)"
            in raises(ValueError, np.matmul, np.ones((2, 3)), np.ones((2, 3)))
        ),
    ),
    ("tensor", "lines of 64 bytes, that is 16 numbers of `float32`", lambda: 64 // np.dtype(np.float32).itemsize == 16),
    (
        "mlp",
        "as many additions (the bias included), so 2 x `in_features`",
        lambda: mlp.linear_cost(1, 784, 1)["flops"] == 2 * 784,
    ),
    (
        "mlp",
        "exp(1000) is larger than any float can hold",
        lambda: raises(OverflowError, math.exp, 1000) and math.log(sys.float_info.max) < 1000,
    ),
    (
        "mlp",
        "`exp(-|x|)` lies between 0 and 1, always",
        lambda: all(0 <= math.exp(-abs(x)) <= 1 for x in (-1e9, -1, 0, 3, 1e9)),
    ),
    (
        "mlp",
        "for x < 0 it is exp(x) / (1 + exp(x)), which is the same number",
        lambda: np.ptp(sigmoid_forms(-3.0)) < 1e-15,
    ),
    ("mlp", "the largest exp is exp(0) = 1", lambda: math.exp(0) == 1),
    (
        "cnn",
        "A window of 3 pixels finds 30 positions on an axis of 32",
        lambda: cnn.conv2d(np.ones((1, 1, 32, 32)), np.ones((1, 1, 3, 3)), np.zeros(1)).shape == (1, 1, 30, 30),
    ),
    ("cnn", "5x5 pixels", lambda: receptive([(3, 1), (3, 1)]) == 5),
    (
        "cnn",
        "every later window reaches twice as far",
        lambda: receptive([(2, 2), (3, 1)]) - receptive([(2, 2)]) == 2 * (receptive([(3, 1)]) - 1),
    ),
    ("autograd", "with n doublings, 2^n visits", lambda: [naive(n)[1] for n in range(9)] == [2**n for n in range(9)]),
    ("autograd", "fits into the twelve lines of `Scalar` below", lambda: scalar_engine() == (12, 10.0, 3.0)),
    ("autograd", "`a` gets 6 instead of 4", lambda: (naive(2)[0], naive(2, hand_on_the_sum=True)[0]) == (4, 6)),
    ("autograd", "float16 halves it", lambda: 2 * np.dtype(np.float16).itemsize == np.dtype(np.float32).itemsize),
    ("autograd", "about 1 MB for each result", lambda: 2048 * 128 * 4 == 2**20),
    ("autograd", "the MLP with 50,890 parameters", lambda: 784 * 64 + 64 + 64 * 10 + 10 == 50_890),
    ("data", "only records of 3073 bytes", lambda: 1 + 3 * 1024 == 3073),
    (
        "data",
        "If you drew items with replacement, more than a third of them would be left out",
        lambda: 1 / 3 < odds_left_out() < 0.37,
    ),
    ("training", "with 0.9 to ten times the speed", lambda: round(sum(0.9**k for k in range(500)), 6) == 10),
    (
        "training",
        "`m` would be `(1 - beta1 ** t) * g`",
        lambda: abs(sum(0.1 * 0.9**k for k in range(7)) - (1 - 0.9**7)) < 1e-12,
    ),
    (
        "config",
        "0.001 to 0.01 is as far as 0.01 to 0.1",
        lambda: abs(math.log(0.01 / 0.001) - math.log(0.1 / 0.01)) < 1e-12,
    ),
    ("config", "A seed 010 that is eight?", lambda: yaml.safe_load("seed: 010") == {"seed": 8}),
    ("profiling", "will not become more than 1.11 times as fast", lambda: round(1 / (1 - 0.10), 2) == 1.11),
    ("compression", "the file gets smaller from 1 zero in 32 on", lambda: 4 * 32 - 4 * 31 == 32 / 8),
    ("compression", "As 5, if everybody knows that one step is 0.0074 wide", lambda: round(0.037 / 0.0074) == 5),
    ("compression", "that is 6 dB", lambda: round(20 * math.log10(2)) == 6),
    (
        "compression",
        "a float32 holds every whole number up to 2²⁴",
        lambda: np.float32(2**24) + np.float32(1) == 2**24 and np.float32(2**24 - 1) == 2**24 - 1,
    ),
    ("compression", "1,024 products of int8s cannot exceed that", lambda: 1024 * 128 * 128 <= 2**24),
    ("compression", "Each product needs 16 bits", lambda: 2**14 == (-128) ** 2 < 2**15),
    ("kernels", "r between -0.35 and 0.35", lambda: math.log(2) / 2 < 0.35),
    (
        "kernels",
        "eight terms of the series",
        lambda: (
            max(abs(exp_by_series(x) / math.exp(x) - 1) for x in np.linspace(-20, 20, 999)) < np.finfo(np.float32).eps
        ),
    ),
    ("kernels", "2 x 2 results with 16 multiplications instead of 36", lambda: winograd_tile() == (16, 36)),
    ("benchmarking", "Times 1.4826 it is the standard deviation", lambda: round(mad_of_normal(), 4) == 1.4826),
    (
        "benchmarking",
        "a layer ten times, or eleven times: that is exactly 10 % more work",
        lambda: Fraction(11, 10) - 1 == Fraction(1, 10),
    ),
    (
        "benchmarking",
        "with twenty benchmarks, the chance of at least one false alarm is 64 %",
        lambda: round(1 - 0.95**20, 2) == 0.64,
    ),
    (
        "benchmarking",
        "it found the planted slowdown in 98 % of 200 trials, and unchanged code raised an alarm in 1.5 %",
        lambda: "98.0 %" in DETECTION and "1.5 %" in DETECTION and "200 trials" in DETECTION,
    ),
    (
        "benchmarking",
        "differed by up to 53 % in seconds, and by up to 13 % in yardsticks",
        lambda: "53.3% apart in seconds, 12.7% in yardsticks" in DETECTION,
    ),
    (
        "benchmarking",
        "base64 in a `data:` URI, a third larger than their bytes",
        lambda: len(base64.b64encode(bytes(3000))) == 4000,
    ),
    ("mlops", "Draw only fifty images, and the psi is about four times as large", lambda: (9 / 50) / (9 / 200) == 4),
    (
        "mlops",
        "Draw two hundred images from *the training images themselves*, and the psi is 0.04 on average",
        lambda: 0.04 < 9 / 200 < 0.05,
    ),
    ("mlops", "Nobody can watch 196 pixels", lambda: 14 * 14 == 196),
    ("mlops", "64 characters long", lambda: len(hashlib.sha256().hexdigest()) == 64),
    (
        "mlops",
        "The old version was right in 830 of 1,000 answers, the new version in 860 of 1,000",
        lambda: 0.05 < two_sided((830, 860), 1000) < 0.10,
    ),
    ("mlops", "An experiment for 4,568 answers", lambda: 2 * mlops.sample_size(0.83, 0.03) == 4568),
    (
        "mlops",
        "This ratio has a closed form",
        lambda: math.isclose(ratio(0.04, 3e-4, 0.05), integrated(0.04, 3e-4, 0.05), rel_tol=1e-6),
    ),
    ("setup", "the shorter tuple is the smaller one", lambda: (2, 4) < (2, 4, 0)),
    ("setup", "3.11.0rc1 counts as at least 3.11.0", lambda: setup.version_at_least("3.11.0rc1", "3.11.0")),
    ("setup", "The list takes about 32 MB", lambda: 10**6 * (8 + sys.getsizeof(1.5)) == 32 * 10**6),
    ("setup", "a block brings 16 float32 but only about two floats of a list", lambda: (64 // 4, 64 // 32) == (16, 2)),
    ("tensor", "turns a 28 x 28 image into a row of 784 numbers", lambda: 28 * 28 == 784),
    ("tensor", "a copy 16,384,000 bytes", lambda: 4096 * 1000 * 4 == 16_384_000),
    ("tensor", "6,422,528 bytes", lambda: 64 * 512 * 7 * 7 * 4 == 6_422_528),
    ("tensor", "about 19.3 MB", lambda: near(3 * 6_422_528 / 1e6, 19.3, 1)),
    ("tensor", "a block of 64 megabytes", lambda: 16_000_000 * 4 == 64 * 10**6),
    (
        "mlp",
        "`(x @ A.T) @ B.T` is `x @ (B @ A).T`",
        lambda: np.allclose(*two_linear(np.random.default_rng(0)), rtol=1e-12),
    ),
    ("mlp", "shrink to about 0.4 of their size in each layer", lambda: near(shrinks(), 0.4, 1)),
    ("mlp", "about 3.25 million FLOPs", lambda: near(mlp_flops() / 1e6, 3.25, 2)),
    ("mlp", "about 29,500 numbers or 118 KB", lambda: near(32 * (784 + 64 + 64 + 10) * 4 / 1e3, 118)),
    ("mlp", "The parameters are 50,890 numbers, 204 KB", lambda: near(50_890 * 4 / 1e3, 204)),
    ("mlp", "grow 128 times, to 15 MB", lambda: (4096 // 32, round(128 * 118 / 1e3)) == (128, 15)),
    (
        "cnn",
        "a twelfth of the numbers for 16x16 pixels, a sixth for 8x8, two fifths for 3x3",
        lambda: [round(1 / padding_share(n)) for n in (16, 8)] == [12, 6] and near(padding_share(3), 0.4, 1),
    ),
    (
        "cnn",
        "448 parameters and needs 2 * 27 FLOPs for each of its 20 * 16 * 1024 results, 17.7 million",
        lambda: 16 * 3 * 9 + 16 == 448 and near(2 * 27 * 20 * 16 * 1024 / 1e6, 17.7, 1),
    ),
    (
        "cnn",
        "has 50.3 million parameters, 112,000 times as many, and needs 2.0 billion FLOPs, 114 times as many",
        lambda: (
            near((3072 + 1) * 16_384 / 1e6, 50.3, 1)
            and near((3072 + 1) * 16_384 / 448, 112_000, -3)
            and near(2 * 3072 * 16_384 * 20 / 1e9, 2.0, 1)
            and near(2 * 3072 * 16_384 * 20 / (2 * 27 * 20 * 16 * 1024), 114)
        ),
    ),
    ("cnn", "2.2 MB, nine times the photographs", lambda: near(20 * 1024 * 27 * 4 / 1e6, 2.2, 1) and 27 == 9 * 3),
    ("cnn", "they would take 604 MB", lambda: near(256 * 1024 * 576 * 4 / 1e6, 604)),
    ("autograd", "101,780 passes", lambda: 2 * 50_890 == 101_780),
    ("autograd", "48 layers keep 200 MB each, 9.6 GB", lambda: 48 * 200 == 9600),
    ("autograd", "So the peak is about 1.6 GB, a sixth", lambda: peak_of_pieces(8) == 1600 == 9600 / 6),
    (
        "autograd",
        "which is smallest near n = 14",
        lambda: abs(min(range(1, 49), key=peak_of_pieces) - 14) <= 1 and near(peak_of_pieces(12) / 1e3, 1.4, 1),
    ),
    (
        "data",
        "300 digits to learn from and 1,000 to test on",
        lambda: [len(digits(p)) for p in ("train", "t10k")] == [300, 1000],
    ),
    (
        "data",
        "As uint8 they are 50,000 * 3,072 bytes, 154 MB; as float32 614 MB",
        lambda: near(50_000 * 3072 / 1e6, 154) and near(50_000 * 3072 * 4 / 1e6, 614),
    ),
    ("data", "A batch of 128 is 128 * 3,072 * 4 bytes, 1.57 MB", lambda: near(128 * 3072 * 4 / 1e6, 1.57, 2)),
    ("data", "128 * 3,073 bytes from the disk in that time, 3.9 MB/s", lambda: near(128 * 3073 / 0.1 / 1e6, 3.9, 1)),
    (
        "data",
        "64 * 5 ms are 320 ms for a batch, and the model takes 100 ms, so 3.2 threads",
        lambda: 64 * 5 / 100 == 3.2,
    ),
    (
        "training",
        "from which one on do the steps lead out of the valley",
        lambda: valley_height(0.079) < valley_height(0) < valley_height(0.082),
    ),
    ("training", "0.8, 1.2 and 1.6 GB in all", lambda: [400 * n for n in (2, 3, 4)] == [800, 1200, 1600]),
    ("config", "this takes 27 trainings", lambda: 3**3 == 27),
    (
        "config",
        "the standard error is sqrt(0.9 · 0.1 / 400), 1.5 points",
        lambda: near(100 * math.sqrt(0.09 / 400), 1.5, 1),
    ),
    (
        "profiling",
        "0.54 GFLOP and 6.3 MB: 85 FLOPs for each byte, far right of the ridge at 60 / 12 = 5",
        lambda: (
            near(2 * 256 * 1024**2 / 1e9, 0.54, 2)
            and near(4 * (1024**2 + 2 * 256 * 1024 + 1024) / 1e6, 6.3, 1)
            and near(2 * 256 * 1024**2 / (4 * (1024**2 + 2 * 256 * 1024 + 1024)), 85)
        ),
    ),
    (
        "profiling",
        "7.3 MB, forward and backward, more than the convolution before it (5.8 MB)",
        lambda: near(MAPS * (1 + 1 / 4 + 1 / 4 + 2) / 1e6, 7.3, 1) and near((2 * MAPS + 2 * PHOTOS) / 1e6, 5.8, 1),
    ),
    ("profiling", "which has 54 times as many FLOPs", lambda: 2 * 27 * 8 * 32 * 32 == 54 * (4 * 8 * 16 * 16)),
    ("profiling", "takes at least 8.9 ms", lambda: near(2 * 256 * 1024**2 / 60e9 * 1e3, 8.9, 1)),
    (
        "compression",
        "`Linear(784, 128)` reads 401 kB of weights as float32, or 100 kB as int8",
        lambda: (round(784 * 128 * 4 / 1e3), round(784 * 128 / 1e3)) == (401, 100),
    ),
    ("compression", "reads these floats: 903 kB", lambda: near(784 * 128 * (1 + 4 + 4) / 1e3, 903)),
    ("compression", "at 70 % about 0.3 + 1/32 = 0.33 of the bytes", lambda: near(0.3 + 1 / 32, 0.33, 2)),
    (
        "kernels",
        "if rows are 4096 bytes long, the lines of a column all belong to one set",
        lambda: {(4096 * row // 64) % 64 for row in range(99)} == {0},
    ),
    (
        "kernels",
        "The three matrices have 4 MB each, 12.6 MB in all, and there are 2.1 billion operations, 170 for each byte",
        lambda: (
            near(3 * 4 * 1024**2 / 1e6, 12.6, 1)
            and near(2 * 1024**3 / 1e9, 2.1, 1)
            and near(2 * 1024**3 / (3 * 4 * 1024**2), 170, -1)
        ),
    ),
    (
        "kernels",
        "im2col 8 * 256 * 64 * 64 * 9 = 75.5 million, Winograd 8 * 64 tiles * 16 * 64 * 64 = 33.6 million (2.25",
        lambda: (
            near(8 * 256 * 64 * 64 * 9 / 1e6, 75.5, 1)
            and near(8 * 64 * 16 * 64 * 64 / 1e6, 33.6, 1)
            and 256 * 9 / (64 * 16) == 2.25
        ),
    ),
    (
        "mlops",
        "Suppose half of 1,000 users should have got A, but 570 did. Then something loses users",
        lambda: mlops.mixture_p(430 / 1000 - 0.5, 0.25 / 1000) < 0.001,
    ),
    (
        "mlops",
        "32 at a time 1,280",
        lambda: (1 / 0.020, 32 / 0.025) == (50, 1280),
    ),
    ("gpt", "shuffle the earlier tokens, and it hears the same", lambda: np.allclose(*heard_by_the_last())),
    ("gpt", "its first loss is near log(V)", lambda: abs(first_loss(65) - math.log(65)) < 0.1),
]

MEASURED = [  # module, the words, what stands in the code cell that measures it
    ("setup", "the Python loop comes close from 100 numbers on", "draw.race("),
    ("setup", "One such accident can spoil a mean", "draw.repeats("),
    ("tensor", "If a program uses only one of the 16, it has waited for the other 15 as well", "draw.access_times("),
    ("mlp", "weights of the order of 1 / sqrt(in_features)", "draw.scales("),
    ("mlp", "What does the model say when your digit moves down by three rows?", "draw.guess("),
    ("mlp", "A right gradient is off by less than 1e-6", "gradient_check("),
    ("cnn", "more than a thousand times as fast as the seven loops", "draw.speeds("),
    ("cnn", "a pixel with a large gradient moves the answer most", "draw.saliency("),
    ("autograd", "32 layers of a matrix product and a ReLU", "draw.memory("),
    ("autograd", "`throw` simulates the flight of a ball in 40 small steps", "throw(velocity, steps=40, dt=0.025)"),
    ("data", "four kinds of work. Each is cut into 16 pieces, done by 1, 2, 4 and 8 threads", "draw.speedup("),
    ("data", "two threads and two processes add up numbers, and bring back 20 megabytes", "20 MB from a process"),
    ("data", '"disk" that needs 30 ms for a batch and a "model" that trains for 20 ms', "time.sleep(0.03)"),
    ("training", "If the loss does not go to 0, something is wrong", "20 digits by heart"),
    ("training", "A rate three to ten times smaller than the one with the lowest loss is a good start", "draw.rates("),
    ("profiling", "`max_pool2d` has about a hundredth of the convolutions' FLOPs", "draw.bars("),
    ("profiling", "between 4 and 9 % of the step above", "overhead(*compared['step']"),
    ("compression", "The left picture shows which pixels the surviving 10 % of the weights use", "draw.survivors("),
    ("compression", "the teacher's answers still teach it something", "from the same start"),
    ("kernels", "a triple loop that reaches less than one percent of what your computer can do", "draw.ladder("),
    ("kernels", "the times can differ by a factor of fifty", "draw.orders("),
    ("kernels", "takes a hundred nanoseconds or more to arrive", "draw.caches("),
    ("kernels", "A core can multiply and add a hundred billion times a second", "the peak of one core"),
    ("kernels", "strips of 1024 numbers that began 4 bytes later cost a tenth of the speed", "bytes after a line"),
    (
        "benchmarking",
        "The picture below counts how often intervals do so",
        "draw.bootstrap(",
    ),
    ("benchmarking", "A slowdown of 2 % has a delta of 1", "delta {found.delta"),
    ("mlops", "The dirty lens does hardly any harm, but has a psi of 6", "draw.shares("),
    ("mlops", "whoever looks often enough sees it", "draw.peeking("),
    ("gpt", "these gradients are hundreds of times smaller already in the first block", "draw.gradients("),
    ("gpt", "a step then reads a single token, however many came before it", "draw.milliseconds("),
]


@pytest.mark.parametrize(("module", "words", "holds"), COMPUTED)
def test_what_is_said_is_what_comes_out(module, words, holds):
    assert words in prose(module), "the sentence was changed: look at its row"
    assert holds()


@pytest.mark.parametrize(("module", "words", "measuring"), MEASURED)
def test_what_this_machine_decides_is_measured_in_the_notebook(module, words, measuring):
    assert words in prose(module), "the sentence was changed: look at its row"
    assert [cell["id"] for cell in cells(module) if cell["cell_type"] == "code" and measuring in cell["source"]]


def test_every_module_but_a_small_one_has_rows():
    stubs = {module: sum(map(notebooks.is_stub, cells(module))) for module in COURSE.course.modules}
    assert {module for module, *_ in (*COMPUTED, *MEASURED)} >= {module for module in stubs if stubs[module] > 2}
