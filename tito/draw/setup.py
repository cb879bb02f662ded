"""Pictures for Setup: the way of your code, versions side by side, bytes, and time.

matplotlib is imported when a picture is drawn, so that importing this file costs nothing.
"""

import statistics
import time

from tito.draw.picture import BLUE, GREY, INK, ORANGE, PALE, PAPER, RED, ends, picture, subplots
from tito.draw.steady import typical as typical


def _axes(width, height, bare=True):
    _, ax = subplots(figsize=(width, height))
    if bare:
        ax.axis("off")
    else:
        ax.spines[["top", "right"]].set_visible(False)
    return ax


@picture
def flow():
    """From the notebook to the package, the tests and the instructor, with the command of each step."""
    ax = _axes(9, 1.5)
    stations = [
        ("your notebook", "modules/setup/\nsetup_dev.ipynb"),
        ("your package", "tinytorch/core/\nsetup.py"),
        ("your tests", "the checks,\nthe package"),
        ("your instructor", "hidden checks,\npoints, feedback"),
    ]
    box = {"boxstyle": "round,pad=0.6", "facecolor": PAPER, "edgecolor": BLUE}
    for i, (title, detail) in enumerate(stations):
        ax.text(3 * i, 0.8, title, ha="center", weight="bold", color=INK)
        ax.text(3 * i, 0, detail, ha="center", va="center", color=INK, fontsize=9, bbox=box, linespacing=1.4)
    for i, command in enumerate(["tito sync", "tito test", "tito submit"]):
        ends = {"xy": (3 * i + 2, 0), "xytext": (3 * i + 1, 0)}
        ax.annotate("", **ends, arrowprops={"arrowstyle": "-|>", "color": ORANGE, "lw": 2})
        ax.text(3 * i + 1.5, 0.2, command, ha="center", family="monospace", color=ORANGE, fontsize=9)
    ax.set(xlim=(-1.1, 10.1), ylim=(-0.8, 1.1))
    return ax.figure, (
        "Four stations: your notebook, your package, your tests, your instructor. Arrows lead from each to the next: "
        "tito sync, tito test and tito submit."
    )


@picture
def versions(found, needed):
    """Two versions, given as tuples of numbers, one below the other; grey zeros stand for missing numbers."""
    rows = found, needed
    names = [f"{name} {'.'.join(map(str, row))}" for name, row in (("found", found), ("needed", needed))]
    length = max(len(row) for row in rows)
    padded = [row + (0,) * (length - len(row)) for row in rows]
    first = next((j for j in range(length) if len({row[j] for row in padded}) > 1), None)
    ax = _axes(1.1 * (length + 1.6) + 0.4, 0.8 * len(rows) + 0.5)
    for i, row in enumerate(rows):
        ax.text(-0.2, 0.4 - i, names[i], ha="right", va="center", color=INK)
        for j in range(length):
            missing = j >= len(row)
            _box(ax, j, -i, 0.9, 0.8, PAPER, ORANGE if j == first else PALE)
            style = {"ha": "center", "va": "center", "fontsize": 14, "color": GREY if missing else INK}
            ax.text(j + 0.45, 0.4 - i, padded[i][j], **style)
    if first is not None:
        ax.text(first + 0.45, 0.95, "decides", ha="center", color=ORANGE, fontsize=9)
    ax.set(xlim=(-1.7, length), ylim=(0.9 - len(rows), 1.25), aspect="equal")
    decides = "all numbers are equal" if first is None else f"number {first + 1} decides, counted from the left"
    pair = ", ".join(names).capitalize()
    return ax.figure, f"{pair}, number below number: {decides}. A missing number counts as 0."


@picture
def bytes_per_number(in_list):
    """One number in a list, in a float64 and in a float32 array, a small square for each byte.

    in_list: bytes of a Python float, as sys.getsizeof tells; the list adds 8 for the address of each
    """
    rows = [
        ("list of floats", [("address", 8, GREY), ("type, reference count", in_list - 8, ORANGE), ("value", 8, BLUE)]),
        ("float64 array", [("value", 8, BLUE)]),
        ("float32 array", [("value", 4, BLUE)]),
    ]
    ax = _axes(9, 1.7)
    for i, (label, parts) in enumerate(rows):
        x, y = 0, -1.8 * i
        ax.text(-0.6, y + 0.45, label, ha="right", va="center", color=INK)
        for name, size, color in parts:
            for j in range(size):
                _box(ax, x + j, y, 0.9, 0.9, color)
            if i == 0:
                ax.text(x + size / 2, y + 1.3, name, ha="center", color=INK, fontsize=9)
            x += size
        ax.text(x + 0.5, y + 0.45, f"{x} bytes", va="center", color=INK)
    ax.set(xlim=(-7, 37), ylim=(-3.8, 2.4), aspect="equal")
    words = f"""One number takes {8 + in_list} bytes in a list of floats: 8 for its address, {in_list - 8} for its type
        and its reference count, 8 for its value. In a float64 array it takes 8 bytes, in a float32 array 4."""
    return ax.figure, words


@picture
def repeats(f, count=200):
    """Time of each of `count` calls of `f`, a dot each, with their mean and their median."""
    seconds = []
    for _ in range(count):
        start = time.perf_counter()
        f()
        seconds.append(time.perf_counter() - start)
    micro = [1e6 * s for s in seconds]
    mean, median, slowest = statistics.mean(micro), statistics.median(micro), max(micro)
    top = min(1.1 * slowest, max(3 * median, 1.3 * mean))  # a few slow calls would press all others onto the axis
    above = [(call, top) for call, value in enumerate(micro, 1) if value > top]
    ax = _axes(8, 3, bare=False)
    ax.plot(range(1, count + 1), micro, ".", color=BLUE, ms=4)
    if above:
        label = f"above {top:.0f} µs: {len(above)},\nthe slowest {slowest:.0f} µs"
        ax.plot(*zip(*above, strict=True), "^", color=RED, clip_on=False, label=label)
    for name, value, color, style in [("mean", mean, ORANGE, "--"), ("median", median, INK, "-")]:
        ax.axhline(value, color=color, ls=style, lw=1, label=f"{name} {value:.1f} µs")
    ax.set(xlabel="call", ylabel="µs", ylim=(0, top), title=f"the same work, {count} times")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)  # beside the points, not on them
    words = f"""The time of each of {count} calls, a dot each. The median is {median:.1f} µs, the mean {mean:.1f} µs,
        the slowest call took {slowest:.0f} µs."""
    return ax.figure, words


@picture
def race(sizes, by_loop, by_numpy):
    """Seconds that a Python loop and numpy take to add up arrays of these sizes."""
    ax = _axes(8, 3.2, bare=False)
    for label, seconds, color in [("Python loop", by_loop, ORANGE), ("numpy", by_numpy, BLUE)]:
        per_number = [1e9 * s / n for s, n in zip(seconds, sizes, strict=True)]
        ax.loglog(sizes, per_number, "o-", color=color)
        ax.annotate(label, (sizes[-1], per_number[-1]), (8, 0), textcoords="offset points", va="center", color=color)
    ax.set(xlabel="numbers added up", ylabel="ns for each number", title="what one number costs")
    ax.margins(x=0.12)
    loop, array = ([1e9 * s / n for s, n in zip(seconds, sizes, strict=True)] for seconds in (by_loop, by_numpy))
    words = f"""What it costs to add up one number: a Python loop takes {ends(loop)} ns, numpy {ends(array)} ns, for
        {sizes[0]} to {sizes[-1]:,} numbers. For the most, numpy is {loop[-1] / array[-1]:.0f} times as fast."""
    return ax.figure, words


def _box(ax, x, y, width, height, color, edge="none"):
    from matplotlib.patches import Rectangle

    ax.add_patch(Rectangle((x, y), width, height, facecolor=color, edgecolor=edge, lw=1.5))
