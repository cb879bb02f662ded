"""Pictures for Kernels: caches, loop orders, a tile, the ladder to the peak, fused kernels, convolutions, choices.

Every function draws one figure from plain numbers, which `@picture` shows with its words.
"""

from pathlib import Path

import numpy as np

from tito.draw.picture import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    PAPER,
    RED,
    each,
    ends,
    listed,
    picture,
    plain,
    subplots,
    tinted,
)
from tito.draw.steady import fastest as fastest
from tito.draw.steady import in_turns as in_turns
from tito.draw.steady import second_core as second_core
from tito.draw.steady import typical as typical

COLORS = (GREY, BLUE, ORANGE, GREEN, RED)


@picture
def caches(sizes, nanoseconds, levels=None):
    """Time of one access over the bytes that the accesses jump around in.

    levels: name -> bytes of a cache; None: those that this machine tells of
    """
    figure, axes = subplots(figsize=(8, 3.4))
    levels = _caches_here() if levels is None else levels
    marked = {name: size for name, size in levels.items() if sizes[0] <= size <= sizes[-1]}
    for name, size in marked.items():
        axes.axvline(size, color=GREY, lw=1, ls="--")
        axes.text(size, 1.01, name, transform=axes.get_xaxis_transform(), ha="center", fontsize=9)
    axes.loglog(sizes, nanoseconds, "o-", color=BLUE, base=2)
    axes.set_xticks(sizes, [_bytes(size) for size in sizes], fontsize=8)
    ticks = [2.0**n for n in range(12) if 2.0**n < 2 * max(nanoseconds)]
    axes.set_yticks(ticks, [f"{tick:.0f}" for tick in ticks])
    axes.set(xlabel="bytes in use", ylabel="ns for one access, measured here")
    plain(axes)
    words = f"""Time of one access over the bytes in use, both axes logarithmic: {ends(nanoseconds, "{:.1f}")} ns
        {ends([_bytes(size) for size in sizes], "{}")}."""
    if marked:
        words += f" Marked caches: {listed(f'{name}, {_bytes(size)}' for name, size in marked.items())}."
    return figure, words


@picture
def orders(misses, speeds):
    """misses: order of the loops -> share of the accesses that miss; speeds: order -> GFLOP/s."""
    figure, (left, right) = subplots(1, 2, figsize=(9, 1.9))
    parts = (left, misses, "share of accesses that miss a cache of 1 kB", "{:.1%}")
    for axes, values, label, form in (parts, (right, speeds, "GFLOP/s, 512 x 512, measured here", "{:.1f}")):
        axes.barh(range(len(values)), list(values.values()), color=[GREY, BLUE], height=0.6)
        for y, value in enumerate(values.values()):
            axes.text(value, y, f" {form.format(value)}", va="center")
        axes.set_yticks(range(len(values)), list(values))
        axes.invert_yaxis()
        axes.set(xlabel=label, xlim=(0, 1.25 * max(values.values())), xticks=[])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    words = f"""Two pairs of bars. Accesses that miss: {each(misses, "{:.1%}")}. GFLOP/s: {each(speeds, "{:.1f}")}."""
    return figure, words


@picture
def tile(rows=12, depth=14, at=(4, 8)):
    """Four rows of a and four of b, both read from left to right, and the tile of 4 x 4 results they give."""
    figure, axes = subplots(figsize=(9, 3.6))
    i, j = at
    axes.text(depth / 2, -1.0, "a: rows of the first matrix", ha="center", color=ORANGE)
    _grid(axes, 0, 0, rows, depth, {(r, k): ORANGE for r in range(i, i + 4) for k in range(depth)})
    start = depth + 3
    axes.text(start + rows / 2, -1.0, "out", ha="center", color=GREEN)
    _grid(axes, start, 0, rows, rows, {(r, c): GREEN for r in range(i, i + 4) for c in range(j, j + 4)})
    end = start + rows + 3
    axes.text(end + depth / 2, -1.0, "b: columns of the second, as rows", ha="center", color=BLUE)
    _grid(axes, end, 0, rows, depth, {(r, k): BLUE for r in range(j, j + 4) for k in range(depth)})
    for x, y in ((0, i), (end, j)):
        axes.annotate("", (x + 6.4, y + 2), (x + 0.4, y + 2), arrowprops={"arrowstyle": "-|>", "color": INK})
        axes.text(x + 6.6, y + 2, "k", va="center")
    text = "for each k: 4 + 4 numbers loaded, 16 products, 16 sums that stay in registers"
    axes.text((end + depth) / 2, rows + 1.4, text, ha="center")
    axes.set(xlim=(-0.5, end + depth + 0.5), ylim=(rows + 2, -2), aspect="equal")
    axes.set_axis_off()
    words = f"""Four rows of a, from row {i}, and four rows of b, from row {j}, each {depth} numbers long, are read
        from left to right. Between them the tile of 4 by 4 results that they give. {text}."""
    return figure, words


@picture
def ladder(speeds, peak):
    """speeds: name -> GFLOP/s; a bar each, on a logarithmic axis, with its share of the peak.

    peak: GFLOP/s of one core; what says "two threads" has twice as much
    """
    figure, axes = subplots(figsize=(9, 0.4 * len(speeds) + 1.2))
    said = {}
    for y, (name, speed) in enumerate(speeds.items()):
        axes.barh(y, speed, color=GREY if name.startswith("numpy") else BLUE, height=0.7)
        cores = 2 if "two threads" in name else 1
        share = f"{_share(speed / (cores * peak))} of the peak of {'two cores' if cores == 2 else 'one core'}"
        said[name] = f"{_speed(speed)}, {share}"
        axes.text(1.02, y, said[name], transform=axes.get_yaxis_transform(), va="center", fontsize=9)
    for cores, name in ((1, "peak of one core "), (2, " of two")):
        axes.axvline(cores * peak, color=RED, lw=1)
        axes.text(cores * peak, -0.9, name, color=RED, ha="right" if cores == 1 else "left", fontsize=9)
    axes.set_yticks(range(len(speeds)), list(speeds))
    axes.invert_yaxis()
    axes.set(xscale="log", xlim=(min(speeds.values()) / 2, 1.5 * max(2 * peak, *speeds.values())))
    axes.set_xlabel("GFLOP/s, logarithmic: 1024 x 1024, float32, measured here")
    axes.spines[["top", "right"]].set_visible(False)
    words = f"""Speeds on a logarithmic axis: {each(said, "{}")}. Lines mark the peak of one core,
        {peak:.3g} GFLOP/s, and of two."""
    return figure, words


@picture
def false_sharing(distances, milliseconds):
    """Time of two threads, over the distance in bytes of the two numbers to which they write."""
    figure, axes = subplots(figsize=(8, 2.8))
    colors = [RED if distance < 64 else BLUE for distance in distances]
    axes.bar(range(len(distances)), milliseconds, color=colors, width=0.6)
    axes.set_xticks(range(len(distances)), [str(distance) for distance in distances])
    axes.set(xlabel="bytes between the two numbers (red: both are in the same line)", ylabel="ms, measured here")
    plain(axes)
    words = f"""Time of two threads over the bytes between the numbers to which they write:
        {listed(f"{time:.3g} ms for {distance}" for distance, time in zip(distances, milliseconds, strict=True))}.
        Below 64 bytes both are in one line."""
    return figure, words


@picture
def ratios(rows):
    """rows: operation -> {shape: how many times as fast as numpy}."""
    figure, panels = subplots(1, len(rows), figsize=(4.6 * len(rows), 2.4), squeeze=False)
    for axes, (name, values), color in zip(panels.flat, rows.items(), (BLUE, GREEN), strict=False):
        axes.barh(range(len(values)), list(values.values()), color=color, height=0.65)
        for y, value in enumerate(values.values()):
            axes.text(value, y, f" {value:.1f} x", va="center", fontsize=9)
        axes.axvline(1, color=RED, lw=1)
        axes.set_yticks(range(len(values)), list(values))
        axes.invert_yaxis()
        axes.set(title=f"{name}: numpy's time / ours", xlim=(0, 1.2 * max(*values.values(), 1)))
        plain(axes)
    words = f"""numpy's time divided by ours.
        {"; ".join(f"{name}: {each(values, '{:.1f}')}" for name, values in rows.items())}."""
    return figure, words


@picture
def convolutions(table):
    """table: layer -> {method: seconds, or None if it can't}; a panel for each layer."""
    figure, panels = subplots(1, len(table), figsize=(3.6 * len(table), 2.2), squeeze=False)
    for axes, (title, seconds) in zip(panels.flat, table.items(), strict=False):
        times = {method: 1e3 * value for method, value in seconds.items() if value is not None}
        colors = [color for color, value in zip(COLORS, seconds.values(), strict=False) if value is not None]
        axes.barh(range(len(times)), list(times.values()), color=colors, height=0.65)
        for y, value in enumerate(times.values()):
            axes.text(value, y, f" {value:.1f} ms", va="center", fontsize=9)
        axes.set_yticks(range(len(times)), list(times))
        axes.invert_yaxis()
        axes.set(xlim=(0, 1.35 * max(times.values())), xticks=[])
        axes.set_title(title, fontsize=10)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    said = "; ".join(
        f"{title}: {each({m: 1e3 * s for m, s in seconds.items() if s is not None})}"
        for title, seconds in table.items()
    )
    return figure, f"Milliseconds of each way to convolve, a panel for each layer. {said}."


@picture
def tuned(candidates, rows):
    """rows: problem -> GFLOP/s of each candidate; the best one is marked."""
    figure, axes = subplots(figsize=(8, 3))
    for (name, speeds), color in zip(rows.items(), COLORS[1:], strict=False):
        axes.plot(range(len(candidates)), speeds, "o-", color=color, label=name)
        best = int(np.argmax(speeds))
        axes.plot(best, speeds[best], "o", ms=13, mfc="none", color=color)
    axes.set_xticks(range(len(candidates)), [str(candidate) for candidate in candidates])
    axes.set(xlabel="block (ringed: chosen)", ylabel="GFLOP/s, measured here", ylim=(0, None))
    axes.legend(frameon=False)
    plain(axes)
    said = listed(f"{candidates[int(np.argmax(speeds))]} for {name}" for name, speeds in rows.items())
    return figure, f"GFLOP/s over the size of the block, {listed(candidates)}. The fastest, ringed: {said}."


# --- inside -------------------------------------------------------------------------------------


def _bytes(n):
    return f"{n >> 20} MB" if n >= 1 << 20 else f"{n >> 10} kB"


def _speed(gflops):
    return f"{gflops:.3g} GFLOP/s" if gflops >= 0.1 else f"{1e3 * gflops:.2g} MFLOP/s"


def _share(share):
    """A share in words that are read at a glance: 74 %, 0.5 %, 1/51,000."""
    if share >= 0.1:
        return f"{share:.0%}".replace("%", " %")
    return f"{100 * share:.1g} %" if share >= 0.0005 else f"1/{float(f'{1 / share:.2g}'):,.0f}"


def _caches_here():
    """The name and the bytes of each data cache of a core, where the system tells of them, as Linux does."""
    found = {}
    for folder in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((folder / name).read_text(encoding="utf-8").strip() for name in ("level", "type", "size"))
        if kind != "Instruction":
            found[f"L{level}"] = int(size.rstrip("KM")) << (20 if size.endswith("M") else 10)
    return found


def _grid(axes, left, top, rows, columns, colors):
    """Cells that share their edges: so all lines between them are as wide."""
    from matplotlib.patches import Rectangle

    for r, c in np.ndindex(rows, columns):
        face = tinted(colors[r, c], 0.75) if (r, c) in colors else PAPER
        axes.add_patch(Rectangle((left + c, top + r), 1, 1, lw=0.8, facecolor=face, edgecolor=PALE))
