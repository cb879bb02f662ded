"""One call of every function that draws, with data as the notebooks have them: name -> a function without arguments."""

import importlib
import struct
from types import SimpleNamespace

import numpy as np

from tito.draw.picture import subplots

MODULES = [
    "setup",
    "tensor",
    "mlp",
    "cnn",
    "autograd",
    "data",
    "training",
    "config",
    "profiling",
    "compression",
    "kernels",
    "benchmarking",
    "mlops",
    "gpt",
]
DRAW = {module: importlib.import_module(f"tito.draw.{module}") for module in MODULES}
OPTIMIZERS = ("SGD", "SGD, momentum 0.9", "AdamW")


def numbers(*shape):
    """Numbers from 0 to 1, always the same."""
    return np.random.default_rng(0).random(shape)


def normal(*shape):
    return np.random.default_rng(0).standard_normal(shape)


def falling(count, first=2.3, last=0.05):
    return (np.geomspace(first, last, count) * (1 + 0.1 * normal(count))).tolist()


def rising(count, first=0.6, last=0.98):
    return np.linspace(first, last, count).tolist()


def timings(count):
    """Seconds as a busy machine gives them: most are alike, some much longer."""
    return 2e-5 * (1 + 0.1 * numbers(count)) * np.where(numbers(count) < 0.03, 12, 1)


# --- what notebooks compute -----------------------------------------------------------------------


class Node:
    """A tensor, as far as a graph shows it."""

    def __init__(self, shape=(), by=None, inputs=(), requires_grad=True):
        self.shape, self.requires_grad = shape, requires_grad
        self.creator = by and (SimpleNamespace(__name__=by), inputs, {})


def small_network():
    x, labels = Node((3, 2), requires_grad=False), Node((3,), requires_grad=False)
    names, layer = {x: "x", labels: "labels"}, x
    for number, (rows, columns) in enumerate(((3, 2), (2, 3)), 1):
        weight, bias = Node((rows, columns)), Node((rows,))
        names |= {weight: f"w{number}", bias: f"b{number}"}
        turned = Node((columns, rows), "transpose", (weight,))
        layer = Node((3, rows), "add", (Node((3, rows), "matmul", (layer, turned)), bias))
        layer = Node((3, rows), "relu", (layer,)) if number == 1 else layer
    loss = Node((), "cross_entropy", (layer, labels))
    order = [node for node in names if node.requires_grad] + [loss]
    return loss, names | {loss: "loss"}, order


def doubled():
    a = Node((2,))
    b = Node((2,), "add", (a, a))
    return Node((2,), "add", (b, b))


def gradients_of_layers():
    names = [f"{i}, {kind}.{part}" for i, kind in enumerate(("Conv2d", "BatchNorm2d") * 2 + ("Linear",))
             for part in ("weight", "bias")]  # fmt: skip
    return {name: (normal(8, 3), normal(8, 3) * (1 + 1e-7)) for name in names}


def checked_gradients():
    names = (
        "a + b",
        "a * b",
        "a ** b",
        "exp, log",
        "batch @ matrix",
        "sum",
        "Conv2d, padding 1",
        "BatchNorm2d, in use",
    )
    return dict(zip(names, 10.0 ** np.arange(-11, -3), strict=True))


def idx(axes, *lengths):
    return bytes([0, 0, 8, axes]) + b"".join(struct.pack(">I", length) for length in lengths) + bytes(range(40))


def used_stopwatch():
    watch = DRAW["data"].Stopwatch()
    watch.seconds = {"read": 0.02, "make items": 0.31, "collate": 0.004, "train": 0.12}
    return watch


def used_timeline(threads):
    line = DRAW["data"].Timeline()
    with line.span("train", 0):
        pass
    mine = line.spans.pop()[0]
    for i in range(8):
        lane, start = (f"pool_{i % 2}", 0.03 * (i // 2)) if threads else (mine, 0.05 * i)
        late = 0.02 * (i % 2 + i // 2) if threads else 0
        line.spans += [
            (lane, "load", i, start, start + 0.03),
            (mine, "train", i, start + 0.03 + late, start + 0.05 + late),
        ]
    return line


def way(shrink):
    steps = shrink ** np.arange(41)[:, None]
    return np.array([[-9.0, 2.0]]) * steps * np.array([[1.0, -1.0]]) ** np.arange(41)[:, None]


def histories():
    return {name: {"loss": falling(3), "val_loss": falling(3, 2, 0.3), "val_accuracy": rising(3, 0.8, last)}
            for name, last in (("SGD", 0.93), ("Nesterov", 0.97), ("AdamW", 0.98))}  # fmt: skip


def epochs(count):
    return [{"epoch": i + 1, "loss": loss, "val_accuracy": right}
            for i, (loss, right) in enumerate(zip(falling(count), rising(count), strict=True))]  # fmt: skip


def trials():
    rows = [{"trial": {"lr": 10.0 ** (i % 5 - 4), "decay": 10.0 ** (-i % 4 - 4)}, "val_accuracy": 0.3 + 0.03 * i}
            for i in range(20)]  # fmt: skip
    return [*rows, {"trial": {"lr": 1.0, "decay": 0.1}, "error": "nan"}]


def event(name, start, end, kind="forward", thread=1):
    return SimpleNamespace(name=name, start=1e-3 * start, end=1e-3 * end, kind=kind, thread=thread)


def a_step():
    spans = [event("step", 0, 9, "span"), event("forward", 0, 3, "span"), event("backward", 3.1, 8, "span")]
    return [*spans, event("conv2d", 0.1, 1.5), event("batch_norm", 1.5, 2.9), event("relu", 2.91, 2.99),
            event("conv2d_backward", 3.2, 6, "backward"), event("linear_backward", 6, 7, "backward"),
            event("conv2d", 0.2, 4, thread=2)]  # fmt: skip


FOLDED = {("step", "forward", "conv2d"): 2e-3, ("step", "forward", "relu"): 1e-4, ("step",): 3e-4,
          ("step", "backward", "conv2d_backward"): 5e-3, ("step", "backward", "linear_backward"): 1e-3}  # fmt: skip


def operations():
    names = ("conv2d_backward", "conv2d", "batch_norm_backward", "max_pool2d_backward", "batch_norm", "relu_backward",
             "linear_backward", "relu", "max_pool2d", "linear", "cross_entropy", "cross_entropy_backward")  # fmt: skip
    flops, share = np.geomspace(3e8, 2e4, len(names)), np.geomspace(1, 0.001, len(names))
    return [{"name": name, "flops": f, "bytes": f / (40 if "conv" in name else 2 if "linear" in name else 0.3),
             "seconds": 6e-3 * s} for name, f, s in zip(names, flops, share, strict=True)]  # fmt: skip


def a_profile(scale):
    blocks = [SimpleNamespace(name=name, layer=layer, nbytes=int(scale * size), when=1e-3 * i, end=1e-3 * (i + 4))
              for i, (name, layer, size) in enumerate((("conv2d", "0 Conv2d", 4e6), ("relu", "2 ReLU", 2e6),
                                                       ("linear", "", 1e5)))]  # fmt: skip
    return SimpleNamespace(memory=SimpleNamespace(allocations=blocks), events=[event("step", 0, 9)])


def memory_curve(blocks):
    times = sorted({block.when for block in blocks} | {block.end for block in blocks})
    return [(when, sum(block.nbytes for block in alive(blocks, when))) for when in times]


def alive(blocks, when):
    return [block for block in blocks if block.when <= when < block.end]


def peak(blocks):
    return max(memory_curve(blocks), key=lambda point: point[1])


MODELS = ("CNN", "CNN, 70 % pruned", "CNN, int8", "CNN, 70 % pruned, int8", "CNN, half its units",
          "CNN, half its units, int8", "MLP", "MLP, int8", "MLP of 32, taught", "MLP of 32, taught, int8",
          "MLP of 32")  # fmt: skip
SIZES = (70_122, 36_400, 24_800, 20_100, 25_300, 11_200, 54_400, 16_400, 29_300, 10_300, 29_300)
RIGHT = (0.988, 0.986, 0.988, 0.985, 0.982, 0.982, 0.954, 0.953, 0.951, 0.95, 0.947)
SPEED = (0.0638, 0.063, 0.204, 0.2046, 0.025, 0.0869, 0.0002, 0.0005, 0.0001, 0.0004, 0.0001)
TABLE = list(zip(MODELS, RIGHT, SIZES, SPEED, strict=True))

LADDER = {"Python": 0.0021, "i, j, k": 0.61, "i, k, j": 7.3, "tiles, packed": 41.0, "and in blocks": 60.2,
          "numpy (BLAS)": 98.7, "two threads": 117.0, "numpy, two threads": 187.0}  # fmt: skip
VERDICTS = {"slower": 1.1, "faster": 0.9, "same": 1.0, "no difference seen": 1.03}


def verdict(low, high, tolerance):
    if low > 1 + tolerance:
        return "slower"
    if high < 1 / (1 + tolerance):
        return "faster"
    return "same" if low > 1 / (1 + tolerance) and high < 1 + tolerance else "no difference seen"


def comparisons(ratio):
    ratios = ratio + 0.03 * normal(12)
    return [SimpleNamespace(ratio=r, low=r - 0.03, high=r + 0.03, verdict=verdict(r - 0.03, r + 0.03, 0.03))
            for r in ratios]  # fmt: skip


def figure():
    """One that a student's code has drawn."""
    return subplots(figsize=(4, 2))[0]


def results():
    names = ("conv2d, loops", "conv2d", "matmul, float64", "matmul, packed", "training step, AdamW", "layer, A")
    return {name: SimpleNamespace(seconds=(10**i * timings(60)).tolist())
            for name, i in zip(names, (2, 0, 1, 0.5, 1.5, 0.2), strict=True)}  # fmt: skip


class Alarm:
    limit = 0.25

    def update(self, value):
        return value > self.limit


LINES = ("psi brightness", "psi contrast", "psi prediction")


def reports(count):
    return [(20 * i, dict(zip(LINES, (0.1 + 0.5 * (i > count // 2), 0.2, 0.1), strict=True))) for i in range(count)]


def monday():
    return [
        (i < 300, "3", report, ("psi brightness",) if i > 330 else ()) for i, (_, report) in enumerate(reports(600))
    ]


def looks(lift):
    once = np.clip(numbers(300, 60) ** (1 + 20 * lift), 1e-9, 1)
    once[:3, 20], once[:3, -1] = 0.01, 0.5
    return once, np.minimum.accumulate(np.sqrt(once), axis=1)


def an_experiment():
    return [({"success": 10 ** (-i / 200), "slow": 1.0}, {"A": 0.86, "B": 0.9}, "go on") for i in range(300)]


# --- the calls --------------------------------------------------------------------------------------

S, T, M, C, A, D, N, F, P, Q, K, B, R, G = DRAW.values()
IMAGES, DIGITS = (255 * numbers(20, 3, 32, 32)).astype(np.uint8), numbers(24, 1, 14, 14)
LABELS = [i % 10 for i in range(20)]
COUNTS = [1, 2, 4, 8]
CNN = [(3, 1), (2, 2), (3, 1), (2, 2), (3, 1), (2, 2)]
LEARNING = {"convolutions and ReLU": falling(10, 1, 1e-4), "with batch norm behind each ReLU": rising(10, 0.6, 0.7)}
GRID = np.arange(12).reshape(4, 3)
YAML = "lr: 1e-3\nepochs: 5\nseed: 010\ncountry: no\nwidths: [64, 32]"
READ = {"lr": "1e-3", "epochs": 5, "seed": 8, "country": False, "widths": [64, 32]}
KEYS = {"seed": [0, 0, 0], "data.batch_size": [50, 20, 20], "optimizer.lr": [0.01, 0.05, 0.02]}
STREAMS = {"model": numbers(8).tolist(), "order": numbers(6).tolist()}
BLOCKS = ["4 rows", "16", "64", "256", "1024"]

CALLS = {
    "setup.flow": lambda: S.flow(),
    "setup.versions": lambda: S.versions((2, 4), (2, 4, 1)),
    "setup.versions, equal": lambda: S.versions((2, 4), (2, 4, 0)),
    "setup.bytes_per_number": lambda: S.bytes_per_number(in_list=24),
    "setup.repeats": lambda: S.repeats(lambda: None),
    "setup.race": lambda: S.race(
        [10**k for k in range(1, 7)], np.geomspace(1e-6, 5e-2, 6), np.geomspace(2e-6, 3e-4, 6)
    ),
    "tensor.memory": lambda: T.memory(np.arange(1, 7, dtype=np.float32).reshape(2, 3)[:, ::2]),
    "tensor.memory, turned": lambda: T.memory(np.arange(1, 7, dtype=np.float32).reshape(2, 3).T),
    "tensor.broadcast": lambda: T.broadcast((8, 1, 6, 1), (7, 1, 5)),
    "tensor.broadcast, no": lambda: T.broadcast((64, 3), (64,)),
    "tensor.allocations": lambda: T.allocations([("add", 4_000_000), ("mul", 4_000_000), ("mean", 4000)], 4_000_000),
    "tensor.access_times": lambda: T.access_times([4, 8, 16, 32, 64, 128, 256], [0.3, 0.5, 0.8, 1.6, 3.9, 4.4, 5.0]),
    "mlp.digits": lambda: M.digits(numbers(20, 784), LABELS),
    "mlp.linear_shapes": lambda: M.linear_shapes(batch=64, in_features=784, out_features=10),
    "mlp.step_sizes": lambda: M.step_sizes(
        10.0 ** -np.arange(1, 14), np.abs(normal(13)) * 1e-6, np.abs(normal(13)) * 1e-4
    ),
    "mlp.throughput": lambda: M.throughput([1, 2, 4, 8, 16, 32, 64, 128], rising(8, 3, 90), rising(8, 0.5, 60)),
    "mlp.overflow": lambda: M.overflow(np.arange(9) * 15, np.where(np.arange(9) < 6, -1.0, -np.inf), -np.arange(9.0)),
    "mlp.scales": lambda: M.scales(
        {"std 1": [1, 11, 120], "std 0.01": [1, 0.1, 0.01], "He: std sqrt(2 / in)": [1, 1, 1]}
    ),
    "mlp.curves": lambda: M.curves(falling(300), rising(8), rising(8, 0.6, 0.93)),
    "mlp.first_layer": lambda: M.first_layer(normal(64, 784)),
    "mlp.mistakes": lambda: M.mistakes(numbers(20, 784), np.array(LABELS), numbers(20, 10)),
    "mlp.guess": lambda: M.guess(numbers(784), np.array([0.01] * 3 + [0.91] + [0.01] * 6)),
    "mlp.shares": lambda: M.shares({"pick batch": 0.002, "forward": 0.03, "backward": 0.05, "update": 0.004}),
    "cnn.photos": lambda: C.photos(IMAGES, LABELS),
    "cnn.seven_loops": lambda: C.seven_loops(rows=5, columns=6, kernel_size=3, padding=1, at=(1, 3)),
    "cnn.filters": lambda: C.filters(
        IMAGES[0], normal(3, 3, 3, 3), normal(3, 32, 32), ["left and right", "above", "blur"]
    ),
    "cnn.positions": lambda: C.positions(size=8, kernel_size=3, stride=2, padding=1),
    "cnn.patches": lambda: C.patches(size=5, kernel_size=3),
    "cnn.curves": lambda: C.curves(falling(300), rising(8), rising(8, 0.5, 0.6)),
    "cnn.scales": lambda: C.scales(LEARNING),
    "cnn.speeds": lambda: C.speeds({"seven loops": 42.0, "nine moved images": 0.01, "your conv2d": 0.002}, 1.4e7),
    "cnn.spread": lambda: C.spread(size=5, kernel_size=3, options=[(1, 0), (1, 1), (2, 1)]),
    "cnn.receptive_field": lambda: C.receptive_field(IMAGES[0], CNN),
    "cnn.feature_maps": lambda: C.feature_maps(IMAGES[0], [normal(16, 32, 32), normal(32, 16, 16), normal(64, 8, 8)]),
    "cnn.saliency": lambda: C.saliency(IMAGES[:6], numbers(6, 32, 32), LABELS[:6], LABELS[1:7]),
    "autograd.graph": lambda: A.graph(*small_network()),
    "autograd.graph, doubled": lambda: A.graph(doubled()),
    "autograd.calls": lambda: A.calls(range(1, 15), [2 ** (n + 1) - 1 for n in range(1, 15)], list(range(2, 16))),
    "autograd.unbroadcast": lambda: A.unbroadcast((3,), GRID),
    "autograd.matmul_shapes": lambda: A.matmul_shapes(4, 6, 3),
    "autograd.picked": lambda: A.picked([1, 4, 1, 0, 1], 6, np.arange(1.0, 6)),
    "autograd.errors": lambda: A.errors(checked_gradients()),
    "autograd.throws": lambda: A.throws(
        [[(t, 1.5 + t * high - t * t / 5) for t in np.linspace(0, 6, 30)] for high in (0.6, 0.9, 1.2)], (6.0, 1.5)
    ),
    "autograd.memory": lambda: A.memory(
        {"graph retained": rising(60, 3e7, 5e7), "freed on the way": falling(60, 3e7, 1e6)}
    ),
    "autograd.trade": lambda: A.trade([None, 1, 2, 4, 8, 16, 32], rising(7, 7e7, 2e7), rising(7, 0.1, 0.13)),
    "autograd.agreement": lambda: A.agreement(gradients_of_layers()),
    "data.idx_bytes": lambda: D.idx_bytes(idx(3, 300, 28, 28), idx(1, 300)),
    "data.record": lambda: D.record(bytes([3]) + IMAGES[0].tobytes()),
    "data.images": lambda: D.images(
        [(image / 255, i % 10) for i, image in enumerate(IMAGES[:14])],
        [(digit, i % 10) for i, digit in enumerate(DIGITS[:14])],
    ),
    "data.scales": lambda: D.scales(numbers(10, 3, 32, 32), normal(10, 3, 32, 32)),
    "data.augmented": lambda: D.augmented(IMAGES[:3] / 255, [[image / 255] * 8 for image in IMAGES[:3]]),
    "data.orders": lambda: D.orders([np.array_split(np.random.default_rng(e).permutation(46), 6) for e in range(5)]),
    "data.speedup": lambda: D.speedup(
        COUNTS,
        {
            "wait for a slow disk": [8, 4, 2, 1],
            "unpack with gzip": [8, 4.3, 4, 4],
            "add in plain Python": [4, 4, 4, 4.2],
            "make 100 items": [3, 4, 6, 8],
        },
    ),
    "data.throughput": lambda: D.throughput(
        [0, *COUNTS],
        {"from a slow disk": rising(5, 800, 7000), "from memory": [20_000, 18_000, 16_000, 15_000, 14_000]},
        12_288,
    ),
    "data.accuracies": lambda: D.accuracies({"as they are": rising(60, 0.3, 0.86), "moved": rising(60, 0.2, 0.92)}),
    "data.Stopwatch.shares": lambda: used_stopwatch().shares(),
    "data.Timeline.show": lambda: used_timeline(threads=False).show("one after the other"),
    "data.Timeline.show, threads": lambda: used_timeline(threads=True).show("two threads, two batches ahead"),
    "training.digits": lambda: N.digits(DIGITS, list(range(24))),
    "training.valley": lambda: N.valley(
        {name: way(shrink) for name, shrink in zip(OPTIMIZERS, (0.98, 0.9, 0.8), strict=True)}
    ),
    "training.memory": lambda: N.memory(
        {name: {"weight": 4, "gradient": 4, "state": 4 * i} for i, name in enumerate(OPTIMIZERS)}
    ),
    "training.schedules": lambda: N.schedules(
        {
            "StepLR, every 30": falling(100, 1, 1e-3),
            "CosineAnnealingLR": rising(100, 1, 0),
            "OneCycleLR": rising(100, 0.04, 1),
            "OneCycleLR, linear": rising(100, 1, 0.1),
        }
    ),
    "training.rates": lambda: N.rates(
        {name: (np.geomspace(1e-4, 3, 50), [*falling(40, 2.3, 0.4), *rising(10, 0.5, 9)]) for name in OPTIMIZERS}
    ),
    "training.magnitudes": lambda: N.magnitudes(
        [f"out of {i} Linear" for i in range(4)], np.where(np.arange(20)[:, None] < 15, numbers(20, 4) + 0.1, np.nan)
    ),
    "training.histories": lambda: N.histories(histories()),
    "training.history": lambda: N.history(figure(), {"loss": falling(3), "val_loss": falling(3)}),
    "training.stopping": lambda: N.stopping(falling(40), [*falling(12, 2, 0.4), *rising(28, 0.41, 0.6)], 17),
    "training.parts": lambda: N.parts(
        {
            f"{name}, batches of {size}": {"load": 0.004, "forward": 0.02, "backward": 0.04, "step": 0.003}
            for size in (50, 5)
            for name in OPTIMIZERS
        }
    ),
    "config.yaml_types": lambda: F.yaml_types(YAML, READ),
    "config.errors": lambda: F.errors(
        "name: digits\ndata:\n  batchsize: 50\n", ["x.yml:3: data.batchsize: unknown, did you mean batch_size?"]
    ),
    "config.layers": lambda: F.layers(KEYS, [{"data.batch_size": 2, "optimizer.lr": 3}, {"optimizer.lr": None}]),
    "config.streams": lambda: F.streams(
        {
            "one generator for all": (
                STREAMS,
                {"model": STREAMS["model"], "dropout": [0.3, 0.8], "order": STREAMS["order"][::-1]},
            )
        }
        | {"a stream for each": (STREAMS, {"dropout": [0.3, 0.8], **STREAMS})}
    ),
    "config.interrupted": lambda: F.interrupted(epochs(8), epochs(8), [2.6, 5.25]),
    "config.drift": lambda: F.drift(
        {"lr 0.1, batches of 20": np.geomspace(1e-7, 0.9, 10).tolist(), "nothing changed": [0.0] * 10}
    ),
    "config.grid_and_random": lambda: F.grid_and_random(
        np.array([(x, y) for x in (0.1, 0.5, 0.9) for y in (0.1, 0.5, 0.9)]), numbers(9, 2)
    ),
    "config.search": lambda: F.search(trials(), ["lr", "decay"]),
    "config.seeds": lambda: F.seeds(
        {f"number {n}": (0.9 + 0.02 * normal(10)).tolist() for n in (1, 4, 7)}, {f"number {n}": 0.93 for n in (1, 4, 7)}
    ),
    "profiling.bars": lambda: P.bars(
        {"0 conv2d": 1.81, "1 batch_norm": 0.93, "2 relu": 0.1}, "milliseconds of a forward pass"
    ),
    "profiling.timeline": lambda: P.timeline(a_step()),
    "profiling.icicle": lambda: P.icicle(FOLDED),
    "profiling.traced": lambda: P.traced([("conv2d", 2e6, 2e7), ("relu", 2e6, 2e6), ("linear", 2e3, 2e3)]),
    "profiling.memory": lambda: P.memory(
        {"a step": a_profile(1), "only using it": a_profile(0.3)}, memory_curve, peak, alive
    ),
    "profiling.roofline": lambda: P.roofline(operations(), SimpleNamespace(flops=9e10, bandwidth=1.1e10)),
    "profiling.overhead": lambda: P.overhead(
        {10**n: {"seconds": 5e-6, "factor": 1 + 9 / n**2} for n in (1, 3, 4, 5, 6)}
    ),
    "compression.weights": lambda: Q.weights({"layers.1": normal(64, 196), "layers.3": normal(10, 64)}),
    "compression.survivors": lambda: Q.survivors(
        numbers(64, 14, 14) > 0.9,
        [0, 0.5, 0.9, 0.95],
        {"each layer alone": [0.95, 0.94, 0.7, 0.4], "all layers together": [0.95, 0.94, 0.8, 0.5]},
    ),
    "compression.recovery": lambda: Q.recovery(
        [0.5, 0.8, 0.95],
        {
            "each layer alone": [(0.94, 0.95), (0.8, 0.94), (0.4, 0.85)],
            "all layers together": [(0.95, 0.95), (0.9, 0.95), (0.5, 0.9)],
        },
        0.954,
    ),
    "compression.units": lambda: Q.units(),
    "compression.table": lambda: Q.table(
        [
            ("512 units", 0.961, 423_000, 0.004),
            ("75 % of its weights are 0", 0.96, 423_000, 0.004),
            ("75 % of its units are gone", 0.957, 106_000, 0.001),
        ]
    ),
    "compression.costs": lambda: Q.costs(
        {
            "before": [{"name": "1 Linear", "seconds": 3e-3}, {"name": "0 Flatten", "seconds": 2e-6}],
            "layer 1 is narrow": [{"name": "1 Linear", "seconds": 1e-3}, {"name": "0 Flatten", "seconds": 2e-6}],
        }
    ),
    "compression.steps": lambda: Q.steps(
        normal(32, 16, 3, 3), range(2, 9), {"per tensor": rising(7, 4, 40), "per channel": rising(7, 8, 43)}
    ),
    "compression.speeds": lambda: Q.speeds({"float32, BLAS": 80.1, "int32, numpy": 1.2, "int8_matmul, above": 22.4}),
    "compression.soft_targets": lambda: Q.soft_targets(
        DIGITS[:3], [np.eye(10)[:3] * 0.8 + 0.02, np.full((3, 10), 0.1)], ("T = 1", "T = 4")
    ),
    "compression.students": lambda: Q.students([100, 200, 400], [0.78, 0.86, 0.9], 0.951, 0.947, 0.988),
    "compression.pareto": lambda: Q.pareto(TABLE, [name.startswith("CNN, half") or "MLP" in name for name in MODELS]),
    "kernels.caches": lambda: K.caches(
        [2**n for n in range(13, 27)], np.geomspace(1.3, 860, 14), {"L1": 3 << 14, "L2": 1 << 20}
    ),
    "kernels.orders": lambda: K.orders({"i, j, k": 0.38, "i, k, j": 0.04}, {"i, j, k": 0.6, "i, k, j": 7.3}),
    "kernels.tile": lambda: K.tile(),
    "kernels.ladder": lambda: K.ladder(LADDER, 107.0),
    "kernels.false_sharing": lambda: K.false_sharing([8, 16, 32, 56, 64, 128, 256], [80, 81, 79, 80, 21, 20, 20]),
    "kernels.ratios": lambda: K.ratios(
        {"softmax": {"64 x 10": 3.1, "4096 x 128": 2.2}, "layer norm": {"64 x 10": 4.1, "4096 x 128": 0.8}}
    ),
    "kernels.convolutions": lambda: K.convolutions(
        {
            f"{c} to 64, 16 x 16, filter 3 x 3": {"im2col": 0.004, "kn2row": 0.003, "Winograd": None, "FFT": 0.1}
            for c in (3, 64, 8)
        }
    ),
    "kernels.tuned": lambda: K.tuned(
        BLOCKS, {"128 rows of 128 x 128": rising(5, 20, 30), "512 rows of 1024 x 1024": rising(5, 60, 20)}
    ),
    "benchmarking.series": lambda: B.series(timings(400)),
    "benchmarking.landmarks": lambda: B.landmarks(
        timings(400), {"min": 2e-5, "p10": 2.02e-5, "median": 2.1e-5, "p95": 2.2e-5, "mean": 2.7e-5}
    ),
    "benchmarking.warm_up": lambda: B.warm_up(timings(100) * (1 + 3 * np.exp(-np.arange(100) / 9)), 5, 25),
    "benchmarking.turns": lambda: B.turns(1e-3 * (1 + 0.1 * numbers(100, 2)), 1e-3 * (1 + 0.1 * numbers(100, 2))),
    "benchmarking.samples": lambda: B.samples(results()),
    "benchmarking.bootstrap": lambda: B.bootstrap(
        2e-5 + 1e-7 * normal(2000),
        {
            "one by one, independent samples": 0.95,
            "in blocks, independent samples": 0.93,
            "one by one, neighbours alike": 0.66,
            "in blocks, neighbours alike": 0.88,
        },
    ),
    "benchmarking.verdicts": lambda: B.verdicts(verdict),
    "benchmarking.compared": lambda: B.compared(figure(), dict(zip(("a", "b"), comparisons(1.0), strict=False))),
    "benchmarking.trials": lambda: B.trials({"unchanged": comparisons(1.0), "10 % more work": comparisons(1.1)}),
    "mlops.shifts": lambda: R.shifts(
        {name: 255 * numbers(8, 14, 14) for name in ("as trained", "dirty lens", "lamp too bright")}, [0.93, 0.85, 0.2]
    ),
    "mlops.shares": lambda: R.shares(
        {name: numbers(10) / 5 for name in ("as trained", "dirty lens", "lamp too bright", "upside down")},
        np.full(10, 0.1),
        lambda then, now: float(np.abs(then - now).sum()),
    ),
    "mlops.noise": lambda: R.noise(
        {n: (9 / n * np.exp(0.4 * normal(200))).tolist() for n in (20, 50, 100, 200, 500)},
        [9 / n for n in (20, 50, 100, 200, 500)],
    ),
    "mlops.alarm": lambda: R.alarm(reports(60), {line: Alarm() for line in LINES}, changes=(600, 900)),
    "mlops.batches": lambda: R.batches(
        [0.001 * i for i in range(20)],
        {
            f"max_wait {w} ms, max_batch 8": (
                [(0.001 * (i + 4), list(range(i, i + 4))) for i in range(0, 20, 4)],
                [(0, 0.001 * i + 0.002) for i in range(20)],
            )
            for w in (0, 2, 10)
        },
        {n: 0.02 + 0.002 * n for n in (1, 2, 4, 8, 16, 32, 64, 128)},
    ),
    "mlops.peeking": lambda: R.peeking({"no difference": looks(0), "3 points better": looks(0.03)}),
    "mlops.monday": lambda: R.monday(monday(), changes={300: "a new lamp"}),
    "mlops.experiment": lambda: R.experiment(an_experiment()),
    "gpt.windows": lambda: G.windows("27+15=42\n1+4="),
    "gpt.gathered": lambda: G.gathered([2, 0, 2, 3, 2], 5, np.array([1.0, 2.0, 3.0, 4.0, 5.0])),
    "gpt.shares": lambda: G.shares(normal(6, 6), "27+15="),
    "gpt.terms": lambda: G.terms(normal(8) + 1, np.full(8, 0.9), 0.3 * normal(8)),
    "gpt.heard": lambda: G.heard(normal(2), normal(4, 2), normal(4, 2), "2+2="),
    "gpt.gradients": lambda: G.gradients(
        {
            "x + part(norm(x))": falling(12, 13, 5),
            "part(norm(x))": falling(12, 2e-2, 2e-5),
            "part(x)": falling(12, 5e-15, 9e-19),
        }
    ),
    "gpt.learning": lambda: G.learning(
        falling(1000, 2.6, 1.1), {step: "27+15=42\n18+11=29\n4+47=51\n" for step in (1, 100, 500, 1000)}
    ),
    "gpt.maps": lambda: G.maps([np.tril(numbers(4, 9, 9))] * 2, "27+15=42\n"),
    "gpt.temperatures": lambda: G.temperatures(
        {f"temperature {t}": numbers(13) / 8 for t in (0.5, 1.0, 2.0)}, list("¶+0123456789=")
    ),
    "gpt.milliseconds": lambda: G.milliseconds(
        [8, 16, 32, 64, 128, 256],
        {"reads all again": [0.7, 0.9, 1.3, 2.2, 4.1, 8.4], "with a cache": rising(6, 0.6, 0.8)},
    ),
}
