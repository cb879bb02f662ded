"""Layers and training steps of the reference against PyTorch, on the CPU, in one run.

    pip install torch && python benchmarks/pytorch.py

Claims: see MOST, how many times as long as PyTorch each row may take on the same number of threads; exit code 1 where
one takes longer. int8 is compared with our own float32, its batch norms folded: PyTorch has no counterpart to it.

Both sides take turns, and what is compared is the fastest turn of each, in the processor's time: what else the machine
does counts less. (With two threads a clock measures: run it where nothing else does.) PyTorch gets its default layout
of memory (NCHW), ours what layers hand on to each other, channels last, where a row does not say otherwise.

Convolutions run as the cnn module has them (rows "im2col", no claim), and inside of the kernels module's `with use():`,
where the matrix products of the training step's linear layer are our own, too.
Last result: pytorch.log.
"""

import os
import platform
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

TURNS = 31
BATCH = 64
MOST = {"training step": 1.1, "Conv2d": 1.2, "BatchNorm2d, NCHW": 1.3, "Adam": 2, "a tiny operation": 1.65}
PLAIN = "im2col: "  # rows without a claim
missed = []  # names of rows that took longer
CONVOLUTIONS = {"stem": (3, 32, 32), "middle": (64, 64, 16), "deep": (128, 128, 8)}  # channels in, out, pixels a side
LINEARS = {"digits": (784, 128), "square": (1024, 1024)}
BLOCKS = [(64, 64, 2), (64, 128, None), (128, 128, 2), (128, 256, 3)]  # channels in and out, and pooled by


def take_turns(*jobs, turns=TURNS, clock=time.process_time):
    """Milliseconds of each job's fastest turn; they run one after the other, again and again."""
    times = [[] for _ in jobs]
    for _ in range(turns):
        for job, own in zip(jobs, times, strict=True):
            start = clock()
            job()
            own.append(1000 * (clock() - start))
    return [min(own) for own in times]


def row(name, ours, theirs, digits=2):
    most, ratio = next((most for start, most in MOST.items() if name.startswith(start)), None), ours / theirs
    if most and ratio > most:
        missed.append(name)
    verdict = f"  at most {most}: {'no' if ratio > most else 'ok'}" if most else ""
    print(f"{name:52} {ours:9.{digits}f} {theirs:9.{digits}f} {ratio:7.2f}{verdict}", flush=True)


# --- layers -------------------------------------------------------------------------------------


def compare_layers():
    for name, (inside, outside) in LINEARS.items():
        compare(f"Linear {name}, {inside} to {outside}", *linear_pair(inside, outside))
    for name, (inside, outside, side) in CONVOLUTIONS.items():
        title = f"Conv2d {name}, {inside} to {outside} at {side} x {side}"
        ours, theirs = convolution_pair(inside, outside, side, needs_dx=name != "stem")
        compare(PLAIN + title, ours, theirs)
        compare(title, [used(job) for job in ours], theirs)


def used(job):
    """The job, inside of the kernels module's `with use():`."""
    from tinytorch.core.kernels import use

    def inside(*args):
        with use():
            return job(*args)

    return inside


def compare(title, ours, theirs):
    row(f"{title}, forward", *take_turns(ours[0], theirs[0]))
    row(f"{title}, backward", *take_turns(ours[1], theirs[1]))


def linear_pair(inside, outside):
    import torch
    from tinytorch.core.mlp import Linear

    x, grad = numbers(BATCH, inside), numbers(BATCH, outside)
    return pair(Linear(inside, outside), torch.nn.Linear(inside, outside), x, grad, needs_dx=True)


def convolution_pair(inside, outside, side, needs_dx):
    import torch
    from tinytorch.core.cnn import Conv2d

    x, grad = numbers(BATCH, inside, side, side), numbers(BATCH, outside, side, side)
    own = Conv2d(inside, outside, 3, padding=1)
    return pair(own, torch.nn.Conv2d(inside, outside, 3, padding=1), x, grad, needs_dx)


def compare_batch_norms():
    import torch
    from tinytorch.core.cnn import BatchNorm2d

    for shape in [(BATCH, 64, 16, 16), (BATCH, 32, 32, 32), (BATCH, 256, 4, 4)]:
        for layout, turned in (("NCHW", np.ascontiguousarray), ("as in a network", inner)):
            x, grad, channels = numbers(*shape), numbers(*shape)[::-1], shape[1]
            layers = BatchNorm2d(channels), torch.nn.BatchNorm2d(channels)
            ours, theirs = pair(*layers, x, np.ascontiguousarray(grad), needs_dx=True, layout=turned)
            forward, backward = take_turns(ours[0], theirs[0]), take_turns(ours[1], theirs[1])
            title = f"BatchNorm2d, {layout}, {channels} at {shape[2]} x {shape[3]}"
            row(f"{title}, both ways", forward[0] + backward[0], forward[1] + backward[1])


def pair(own, other, x, grad, needs_dx, layout=None):
    """(forward, backward) of ours, (forward, backward) of theirs; each as it would lie in memory in a network."""
    import torch
    from tinytorch.core.tensor import Tensor

    x_own, grad_own = (Tensor((layout or inner)(array)) for array in (x, grad))
    x_own.requires_grad = needs_dx
    x_other, grad_other = torch.tensor(x, requires_grad=needs_dx), torch.tensor(grad)
    own(x_own)
    out = other(x_other)

    def backward():
        own.zero_grad()
        own.backward(grad_own)

    def backward_other():
        other.zero_grad()
        x_other.grad = None
        out.backward(grad_other, retain_graph=True)

    return (lambda: own(x_own), backward), (lambda: other(x_other), backward_other)


def inner(array):
    """An array of images as layers hand them on here: channels last in memory."""
    return np.ascontiguousarray(array.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2) if array.ndim == 4 else array


def numbers(*shape):
    return np.random.default_rng(0).standard_normal(shape, np.float32)


# --- what a step needs besides its layers -------------------------------------------------------


def compare_adams():
    import torch
    from tinytorch.core.tensor import Tensor
    from tinytorch.core.training import Adam

    for title, shapes in [("a million numbers", [(1000, 1000)]), ("a hundred times 10,000", [(100, 100)] * 100)]:
        ours, theirs = [], []
        for shape in shapes:
            ours.append(Tensor(numbers(*shape), requires_grad=True))
            theirs.append(torch.tensor(numbers(*shape), requires_grad=True))
            ours[-1].grad, theirs[-1].grad = Tensor(numbers(*shape)), torch.tensor(numbers(*shape))
        row(f"Adam, a step of {title}", *take_turns(Adam(ours).step, torch.optim.Adam(theirs).step))


def compare_tiny_operations():
    """A hundred products and sums of eight numbers each, forward and backward: microseconds of one of them."""
    import torch
    from tinytorch.core.tensor import Tensor

    def chain(make):
        x, factor = (make(numbers(8)) for _ in range(2))

        def forward_and_backward():
            x.grad = factor.grad = None
            out = x
            for _ in range(50):
                out = out * factor + x
            out.sum().backward()

        return forward_and_backward

    jobs = chain(lambda a: Tensor(a, requires_grad=True)), chain(lambda a: torch.tensor(a, requires_grad=True))
    row("a tiny operation, both ways (microseconds)", *(10 * each for each in take_turns(*jobs, turns=5 * TURNS)))


def compare_int8():
    from tinytorch.core.autograd import no_grad
    from tinytorch.core.compression import calibrate, convert, fold
    from tinytorch.core.tensor import Tensor

    from tito.milestones.cnn_cifar10 import network

    folded, x = fold(network(np.random.default_rng(0)).eval()).eval(), Tensor(inner(numbers(BATCH, 64, 15, 15)))
    whole = convert(folded, calibrate(folded, [x])).eval()
    with no_grad():
        row("int8 of the milestone's network, and own float32", *take_turns(lambda: whole(x), lambda: folded(x)))


# --- a training step of the milestone's network -------------------------------------------------


class Ours:
    """The network of `tito milestone cifar10`, whitened images in: forward, backward, a step of SGD."""

    def __init__(self, threads, plain=False):
        from tinytorch.core.mlp import CrossEntropyLoss

        from tito.milestones.cnn_cifar10 import network

        self.gradients = self._gradients if plain else used(self._gradients)
        self.models = [network(np.random.default_rng(0)) for _ in range(threads)]
        self.losses = [CrossEntropyLoss() for _ in range(threads)]
        self.x, self.labels = inner(numbers(BATCH * threads, 64, 15, 15)), np.arange(BATCH * threads) % 10
        self.threads = ThreadPoolExecutor(threads)

    def __call__(self):
        parts = [np.array_split(array, len(self.models)) for array in (self.x, self.labels)]
        each = map if len(self.models) == 1 else self.threads.map
        list(each(self.gradients, self.models, self.losses, *parts))
        for parameters in zip(*(model.parameters() for model in self.models), strict=True):
            gradient = sum(parameter.grad.data for parameter in parameters) / len(parameters)
            for parameter in parameters:
                parameter.data -= 0.01 * gradient

    def _gradients(self, model, loss_fn, x, labels):
        from tinytorch.core.tensor import Tensor

        model.zero_grad()
        loss_fn(model(Tensor(x)), labels)
        model.backward(loss_fn.backward())


class Theirs:
    def __init__(self, threads):
        import torch
        from torch import nn

        layers = []
        for inside, outside, pool in BLOCKS:
            pooling = [nn.MaxPool2d(pool)] if pool else []
            layers += [nn.Conv2d(inside, outside, 3, padding=1), *pooling, nn.BatchNorm2d(outside), nn.ReLU()]
        self.model, self.loss_fn = nn.Sequential(*layers, nn.Flatten(), nn.Linear(256, 10)), nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01)
        self.x, self.labels = torch.tensor(numbers(BATCH * threads, 64, 15, 15)), torch.arange(BATCH * threads) % 10

    def __call__(self):
        self.optimizer.zero_grad()
        self.loss_fn(self.model(self.x), self.labels).backward()
        self.optimizer.step()


def compare_steps():
    import torch

    for threads in (1, 2):
        torch.set_num_threads(threads)
        name = f"training step, {BATCH * threads} images, {threads} thread{'s' * (threads > 1)}"
        clock = time.process_time if threads == 1 else time.perf_counter
        row(PLAIN + name, *take_turns(Ours(threads, plain=True), Theirs(threads), clock=clock))
        row(name, *take_turns(Ours(threads), Theirs(threads), clock=clock))
    torch.set_num_threads(1)


def peak_memory(side):
    """Megabytes that ten steps need beyond what the process held when all was imported and built."""
    done = subprocess.run([sys.executable, __file__, side], capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure_memory(side):
    step = Ours(1, plain=True) if side == "ours" else Theirs(1)  # own kernels would count Numba's compiler, too
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far: importing may have needed more
    before = kilobytes("VmRSS")
    for _ in range(10):
        step()
    print((kilobytes("VmHWM") - before) / 1024)


def kilobytes(name):
    (line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name)]
    return int(line.split()[1])


if __name__ == "__main__":
    if find_spec("torch") is None:
        sys.exit("Skipped: PyTorch is not installed here, so there is nothing to compare with. (pip install torch)")
    import torch

    torch.set_num_threads(1)
    with threadpool_limits(1):
        if sys.argv[1:]:
            measure_memory(sys.argv[1])
            sys.exit()
        versions = f"Python {platform.python_version()}, numpy {np.__version__}, torch {torch.__version__}"
        print(f"{versions}, {platform.machine()}, batch {BATCH}, one thread, the fastest of {TURNS} turns")
        print(f"load {os.getloadavg()[0]:.0f} of {os.cpu_count()} cores: above 1, memory is shared with others, too\n")
        print(f"{'milliseconds':52} {'TinyTorch':>9} {'PyTorch':>9} {'ratio':>7}")
        compare_steps()
        compare_layers()
        compare_batch_norms()
        compare_adams()
        compare_tiny_operations()
        compare_int8()
        row(f"{PLAIN}peak memory of a training step, MB", peak_memory("ours"), peak_memory("theirs"))
    sys.exit(f"\nmissed: {', '.join(missed)}" if missed else None)
