"""Pictures for Tensor: blocks of memory, shapes lined up, bytes allocated, access times."""

import numpy as np

from tito.draw.picture import BLUE, INK, ORANGE, PALE, RED, each, ends, ink_on, listed, picture, plain, subplots
from tito.draw.steady import typical as typical


@picture
def memory(array):
    """An array of one or two axes next to the block it is read from, in matching colours.

    Colours run from light to dark in the order in which the array is read; grey cells of the block
    belong to the same memory, but not to this array.
    """
    from matplotlib import colormaps

    block = _owner(array)
    offset = (array.__array_interface__["data"][0] - block.__array_interface__["data"][0]) // block.itemsize
    rows = np.atleast_2d(array)
    steps = np.array(rows.strides) // block.itemsize
    where = offset + steps[0] * np.arange(rows.shape[0])[:, None] + steps[1] * np.arange(rows.shape[1])
    colours = colormaps["Blues"](np.linspace(0.15, 0.75, rows.size)).reshape(*rows.shape, 4)

    height = rows.shape[0]
    figure, ax = subplots(figsize=(7.5, 0.5 * height + 1.2))
    for i, j in np.ndindex(*rows.shape):
        _cell(ax, j, height - i + 0.8, f"{rows[i, j]:g}", colours[i, j])
    taken = {int(k): colours[place] for place, k in np.ndenumerate(where)}
    numbers = np.ravel(block, order="K")
    for k, number in enumerate(numbers):
        _cell(ax, k, 0, f"{number:g}", taken.get(k, PALE))
        ax.text(k + 0.5, -0.18, k * block.itemsize, ha="center", va="top", fontsize=8, color=INK)
    text = f"shape {array.shape}\nstrides {array.strides} bytes\n{array.dtype}"
    ax.text(rows.shape[1] + 0.4, 1.8 + height / 2, text, va="center", fontsize=9, color=INK)
    ax.text(len(numbers) + 0.4, 0.5, "the block in memory", va="center", fontsize=9, color=INK)
    ax.text(len(numbers) + 0.4, -0.18, "starts at byte", va="top", fontsize=8, color=INK)
    _bare(ax, (-0.1, len(numbers) + 3.6), (-0.8, height + 1.9))
    words = f"""The array of shape {array.shape} as a table, and below it its block of memory, {len(numbers)} numbers
        long. Read in order, the array's numbers begin at the bytes
        {listed(place * block.itemsize for place in where.flat)}."""
    return figure, words


@picture
def broadcast(a, b):
    """The shapes `a` and `b` lined up from the right, with the result below; stretched axes are orange."""
    length = max(len(a), len(b))
    figure, ax = subplots(figsize=(0.95 * length + 2.6, 1.75))
    for axis in range(-length, 0):
        m, n = (shape[axis] if axis >= -len(shape) else None for shape in (a, b))
        old, new = (1 if size is None else size for size in (m, n))
        fits = old == new or 1 in (old, new)
        result = new if old == 1 else old
        for y, size in ((2.3, m), (1.2, n)):
            stretched = size in (None, 1) and result != 1
            colour = ORANGE if stretched else PALE
            _cell(ax, axis * 1.1, y, "(1)" if size is None else size, colour if fits else RED, dashed=size is None)
        _cell(ax, axis * 1.1, -0.2, result if fits else "?", PALE if fits else RED)
        ax.text(axis * 1.1 + 0.5, 3.5, f"axis {axis}", ha="center", fontsize=8, color=INK)
    ax.plot([-length * 1.1 - 0.1, 0], [1.0, 1.0], color=INK, linewidth=0.8)
    for y, text in ((2.8, _tuple(a)), (1.7, _tuple(b)), (0.3, "together")):
        ax.text(-length * 1.1 - 0.3, y, text, ha="right", va="center", fontsize=10, color=INK)
    _bare(ax, (-length * 1.1 - 2.2, 0.1), (-0.3, 3.9))
    try:
        words = f"Together they give {np.broadcast_shapes(a, b)}. Orange sizes are stretched"
    except ValueError:
        words = "They do not fit: the red sizes differ, and neither is 1"
    return figure, f"The shapes {tuple(a)} and {tuple(b)}, lined up from the right. {words}."


@picture
def allocations(rows, result):
    """Bars of the bytes that each operation allocated, after one another.

    rows: (name, bytes) for each operation, in order
    result: the bytes of the final result, drawn as a line to compare with
    """
    names, sizes = zip(*rows, strict=True)
    starts = np.cumsum((0, *sizes[:-1])) / 1e6
    places = np.arange(len(rows))[::-1]
    figure, ax = subplots(figsize=(7.5, 0.4 * len(rows) + 1.2))
    ax.barh(places, np.array(sizes) / 1e6, left=starts, color=BLUE, height=0.65)
    for place, start, size in zip(places, starts, sizes, strict=True):
        ax.text(start + size / 1e6 + 0.1, place, f"{size:,} bytes", va="center", fontsize=9, color=INK)
    ax.axvline(result / 1e6, color=ORANGE, linewidth=2)
    ax.text(result / 1e6 + 0.1, -0.72, "size of the result", va="center", fontsize=9, color=INK)
    ax.set(yticks=places, yticklabels=names, xlabel="megabytes allocated so far", ylim=(-1.1, len(rows) - 0.4))
    ax.set_xlim(0, sum(sizes) / 1e6 * 1.25 + 0.1)
    plain(ax)
    words = f"""Bars of the bytes that each operation allocated, one after the other: {each(dict(rows), "{:,}")},
        together {sum(sizes):,}. A line marks the size of the result, {result:,} bytes."""
    return figure, words


@picture
def access_times(distances, nanoseconds):
    """Measured time for each number against the distance in bytes from one number to the next."""
    figure, ax = subplots(figsize=(6.5, 3))
    ax.plot(distances, nanoseconds, "o-", color=BLUE)
    for x, y in zip(distances, nanoseconds, strict=True):
        side = {"xytext": (-4, 5), "ha": "right"} if x == 64 else {"xytext": (0, 7), "ha": "center"}  # not on the line
        ax.annotate(f"{y:.1f}", (x, y), textcoords="offset points", fontsize=8, color=INK, **side)
    ax.axvline(64, color=ORANGE, linewidth=1.5)
    ax.text(67, max(nanoseconds) * 0.04, "a cache line: 64 bytes", va="bottom", fontsize=9, color=INK)
    ax.set_xscale("log", base=2)
    ax.set(xticks=distances, xticklabels=distances, ylim=(0, max(nanoseconds) * 1.2))
    ax.set(xlabel="bytes from one number to the next", ylabel="nanoseconds a number")
    plain(ax)
    words = f"""Time for each number over the distance from one number to the next, {ends(distances)} bytes: it goes
        {ends(nanoseconds, "{:.1f}")} ns. A line marks 64 bytes, which is a cache line."""
    return figure, words


def _owner(array):
    """The array that owns the memory of `array`."""
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


def _tuple(shape):
    return str(tuple(shape))


def _cell(ax, x, y, text, colour, dashed=False):
    from matplotlib.patches import Rectangle

    line = "--" if dashed else "-"
    ax.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=INK, linewidth=0.8, linestyle=line))
    ax.text(x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=10, color=ink_on(colour))


def _bare(ax, xlim, ylim):
    ax.set(xlim=xlim, ylim=ylim)
    ax.axis("off")
