"""Kernels of module 10 against numpy and its BLAS, on the CPU, in one run.

    python benchmarks/kernels.py [FILE]        # the table goes to FILE, too: benchmarks/kernels.log is the last one

Claims: the best matrix product of our own, without any BLAS call in it, reaches at least 30 % of BLAS's speed (goal:
60 %) on the same number of threads, for 1024 x 1024 in float32; fused softmax is at least twice as fast as plain
numpy's. Exits with 1 if one of them does not hold.

Both sides take turns, after a first call that compiles, and what is compared are their fastest runs. (On a computer
that others use, too, medians measure the others.)
"""

import os
import platform
import sys
import time

import numba
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from tinytorch.core.cnn import conv2d
from tinytorch.core.kernels import (
    LANES,
    conv2d_fft,
    conv2d_kn2row,
    conv2d_winograd,
    layer_norm,
    layer_norm_numpy,
    matmul,
    matmul_ijk,
    matmul_ikj,
    multiply_add,
    softmax,
    softmax_numpy,
)

REPEATS = 25
SIZES = (64, 256, 512, 1000, 1024, 2048)
SHAPES = ((64, 10), (256, 256), (1024, 1024), (4096, 128), (8192, 1000))
LAYERS = {  # samples, channels in and out, pixels a side, of the filter
    "3 to 32, 32 x 32, filter 3 x 3": (8, 3, 32, 32, 3),
    "64 to 64, 16 x 16, filter 3 x 3": (8, 64, 64, 16, 3),
    "8 to 8, 64 x 64, filter 15 x 15": (4, 8, 8, 64, 15),
}
lines = []


def say(text=""):
    print(text, flush=True)
    lines.append(text)


def take_turns(*jobs, repeats=REPEATS, pause=0.0):
    """Seconds of the fastest run of each job; they run one after the other, again and again.

    pause: seconds before each run. OpenBLAS's threads go on spinning for a while after a product, and take a core away.
    """
    times = [[] for _ in jobs]
    for _ in range(repeats + 1):
        for job, own in zip(jobs, times, strict=True):
            time.sleep(pause)
            start = time.perf_counter()
            job()
            own.append(time.perf_counter() - start)
    return [min(own[1:]) for own in times]


def normal(*shape):
    return np.random.default_rng(0).standard_normal(shape).astype(np.float32)


def peak():
    """GFLOP/s of one core that does nothing but multiply and add in registers or the nearest cache."""
    x, half = normal(LANES), np.float32(0.5)
    multiply_add(x, half, half, 1)
    return 2 * LANES * 20_000 / take_turns(lambda: multiply_add(x, half, half, 20_000))[0] / 1e9


def products():
    """The matrix product: the steps to it, its sizes, its threads. Returns the shares of BLAS at 1024."""
    top, shares = peak(), {}
    say(f"Matrix product, float32; the peak of one core is {top:.0f} GFLOP/s")
    say(f"{'':34}{'GFLOP/s':>9}{'of peak':>9}{'BLAS':>9}{'ours/BLAS':>11}")

    def row(name, flops, ours, theirs, threads):
        speed, blas = flops / ours / 1e9, flops / theirs / 1e9
        say(f"{name:34}{speed:9.1f}{speed / top / threads:9.1%}{blas:9.1f}{speed / blas:11.1%}")
        return speed / blas

    with threadpool_limits(1):
        a, b, out = normal(1024, 1024), normal(1024, 1024), np.zeros((1024, 1024), np.float32)
        for name, loops, rows in (("i, j, k", matmul_ijk, 32), ("i, k, j", matmul_ikj, 256)):
            few = a[:rows]
            job = take_turns(lambda loops=loops, few=few: loops(few, b, out[: len(few)]), lambda: a @ b, repeats=5)
            row(f"1024, loops {name}", 2 * 1024**3, job[0] * 1024 / rows, job[1], 1)
        job = take_turns(lambda: matmul(a, b, block=1024), lambda: a @ b)
        row("1024, tiles and packing, no blocks", 2 * 1024**3, *job, 1)
    for threads in (1, 2):
        with threadpool_limits(threads):
            for n in SIZES:
                a, b = normal(n, n), normal(n, n)
                assert np.allclose(matmul(a, b, threads), a @ b, atol=1e-2)
                pair = (lambda a=a, b=b, t=threads: matmul(a, b, t)), (lambda a=a, b=b: a @ b)
                job = take_turns(*pair, pause=0.1 * (threads - 1))
                name = f"{n}, tiles, packing, blocks, {threads} thread{'s' * (threads > 1)}"
                shares[n, threads] = row(name, 2 * n**3, *job, threads)
    return shares[1024, 1], shares[1024, 2]


def fused():
    """Softmax and layer norm, fused against plain numpy, one thread. Returns softmax's ratio at 1024 x 1024."""
    found = {}
    say("\nFused in one pass over each row, float32, one thread")
    say(f"{'':34}{'ours, ms':>9}{'numpy':>9}{'numpy/ours':>11}")
    for shape in SHAPES:
        x, weight, bias = normal(*shape), normal(shape[1]), normal(shape[1])
        pairs = {
            "softmax": (lambda x=x: softmax(x), lambda x=x: softmax_numpy(x)),
            "layer norm": (
                lambda x=x, w=weight, b=bias: layer_norm(x, w, b),
                lambda x=x, w=weight, b=bias: layer_norm_numpy(x, w, b),
            ),
        }
        for name, (ours, theirs) in pairs.items():
            assert np.allclose(ours(), theirs(), atol=1e-4)
            seconds = take_turns(ours, theirs)
            found[name, shape] = seconds[1] / seconds[0]
            text = f"{name}, {shape[0]} x {shape[1]}"
            say(f"{text:34}{seconds[0] * 1e3:9.3f}{seconds[1] * 1e3:9.3f}{found[name, shape]:10.1f}x")
    return found["softmax", (1024, 1024)]


def convolutions():
    """The puzzles against im2col, one thread: milliseconds, and the largest difference."""
    methods = {"im2col": conv2d, "kn2row": conv2d_kn2row, "Winograd": conv2d_winograd, "FFT": conv2d_fft}
    say("\nConvolutions with padding 1, float32, one thread: milliseconds (no claim: they are puzzles)")
    say(f"{'':34}" + "".join(f"{name:>10}" for name in methods))
    for title, (n, c, o, size, k) in LAYERS.items():
        x, weight, bias = normal(n, c, size, size), normal(o, c, k, k), normal(o)
        able = {name: f for name, f in methods.items() if k == 3 or name != "Winograd"}
        jobs = [lambda f=f, x=x, w=weight, b=bias: f(x, w, b, padding=1) for f in able.values()]
        seconds = dict(zip(able, take_turns(*jobs, repeats=5), strict=True))
        cells = (f"{seconds[name] * 1e3:10.2f}" if name in seconds else f"{'-':>10}" for name in methods)
        say(f"{title:34}" + "".join(cells))


def main(path=None):
    blas = next(info for info in threadpool_info() if info["user_api"] == "blas")
    say(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}")
    say(f"numba {numba.__version__}, {blas['internal_api']} {blas['version']} ({blas['architecture']})\n")
    one, two = products()
    with threadpool_limits(1):
        ratio = fused()
        convolutions()
    claims = {
        f"1024 x 1024 on one thread: {one:.0%} of BLAS, at least 30 %": one >= 0.3,
        f"1024 x 1024 on two threads: {two:.0%} of BLAS, at least 30 %": two >= 0.3,
        f"softmax of 1024 x 1024: {ratio:.1f} times as fast as numpy's, at least 2": ratio >= 2,
    }
    say()
    for text, holds in claims.items():
        say(f"{'holds' if holds else 'FAILS'}: {text}")
    if path:
        with open(path, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    return 0 if all(claims.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
