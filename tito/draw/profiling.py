"""Pictures for Profiling: bars, a timeline, an icicle, memory over time, a roofline, and what a profiler costs.

Every function draws one figure from plain numbers, or from the events and rows of a profile.
"""

import numpy as np

from tito.draw.picture import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
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
from tito.draw.steady import second_core as second_core
from tito.draw.steady import typical as typical

KINDS = {"forward": BLUE, "backward": ORANGE, "span": GREY}
BOUNDS = {"compute": BLUE, "memory": ORANGE, "overhead": GREY}


@picture
def bars(numbers, label):
    """numbers: name -> a number. A bar each, from top to bottom, with what the axis means as `label`."""
    figure, axes = subplots(figsize=(8, 0.28 * len(numbers) + 0.9))
    axes.barh(range(len(numbers)), list(numbers.values()), color=BLUE, height=0.75)
    for y, value in enumerate(numbers.values()):
        axes.text(value, y, f" {value:.3g}", va="center", fontsize=8, color=GREY)
    axes.set_yticks(range(len(numbers)), list(numbers), fontsize=9)
    axes.invert_yaxis()
    axes.set(xlabel=label)
    plain(axes)
    return figure, f"A bar each, in {label}: {each(numbers)}."


@picture
def timeline(events):
    """events: of a profile. A block of rows for each thread; what lies inside of something is drawn below it."""
    threads, rows = list(dict.fromkeys(event.thread for event in sorted(events, key=_start))), []
    first, last = min(event.start for event in events), max(event.end for event in events)
    for thread in threads:
        own, base = sorted((event for event in events if event.thread == thread), key=_start), len(rows)
        open_ends = []
        for event in own:
            while open_ends and open_ends[-1] <= event.start:
                open_ends.pop()
            if base + len(open_ends) == len(rows):
                rows.append([])
            rows[base + len(open_ends)].append(event)
            open_ends.append(event.end)
        rows.append([])  # a gap between threads
    figure, axes = subplots(figsize=(11, 0.4 * len(rows) + 0.8))
    for y, row in enumerate(rows):
        for event in row:
            left, width = 1e3 * (event.start - first), 1e3 * (event.end - event.start)
            _block(axes, left, y, width, event.name, KINDS[event.kind], 1e3 * (last - first))
    axes.set(xlim=(0, 1e3 * (last - first)), ylim=(len(rows) - 1, -0.6), yticks=[], xlabel="milliseconds")
    for name in {event.kind: None for event in events}:
        axes.barh(0, 0, color=KINDS[name], label=name)
    axes.legend(frameon=False, ncols=3, loc="lower right", bbox_to_anchor=(1, 1), fontsize=8)
    axes.spines[["top", "right", "left"]].set_visible(False)
    longest = sorted(events, key=lambda event: event.start - event.end)[:5]
    said = listed(f"{event.name} {1e3 * (event.end - event.start):.2g} ms" for event in longest)
    words = f"""{len(events)} events along {1e3 * (last - first):.3g} ms, a block each, in {len(threads)}
        thread{"s" if len(threads) > 1 else ""}; what ran inside of another lies below it. The longest: {said}."""
    return figure, words


@picture
def icicle(folded):
    """folded: path (a tuple of names) -> self seconds. Each name as wide as all in it; siblings in order of size."""
    whole = {}
    for path, seconds in folded.items():
        for depth in range(1, len(path) + 1):
            whole[path[:depth]] = whole.get(path[:depth], 0.0) + seconds
    total, depth = sum(folded.values()), max(map(len, folded))
    figure, axes = subplots(figsize=(11, 0.42 * depth + 0.7))

    def place(path, left):
        inside = sorted((one for one in whole if one[:-1] == path), key=lambda one: -whole[one])
        for one in inside:
            leaf = not any(other[:-1] == one for other in whole)
            color = (ORANGE if one[-1].endswith("_backward") else BLUE) if leaf else GREY
            text = f"{one[-1]}  {whole[one] / total:.0%}"
            _block(axes, 1e3 * left, len(one) - 1, 1e3 * whole[one], text, color, 1e3 * total)
            place(one, left)
            left += whole[one]

    place((), 0.0)
    axes.set(
        xlim=(0, 1e3 * total),
        ylim=(depth - 0.4, -0.6),
        yticks=[],
        xlabel="milliseconds (blocks in order of size, not of time)",
    )
    axes.spines[["top", "right", "left"]].set_visible(False)
    said = listed(
        f"{path[-1]} {seconds / total:.0%}" for path, seconds in sorted(folded.items(), key=lambda item: -item[1])[:5]
    )
    words = f"""Blocks as wide as their time, {1e3 * total:.3g} ms in all, each above what ran inside of it, {depth}
        levels deep. Most time of their own have {said}."""
    return figure, words


@picture
def traced(rows):
    """rows: (name, bytes of an operation's result, bytes taken at the worst moment while it ran)."""
    figure, axes = subplots(figsize=(8, 0.32 * len(rows) + 0.9))
    places, names = np.arange(len(rows)), [f"{i} {name}" for i, (name, _, _) in enumerate(rows)]
    axes.barh(places - 0.2, [most / 1e6 for _, _, most in rows], 0.36, color=ORANGE, label="taken at the worst moment")
    axes.barh(places + 0.2, [size / 1e6 for _, size, _ in rows], 0.36, color=BLUE, label="its result")
    axes.set_yticks(places, names, fontsize=9)
    axes.invert_yaxis()
    axes.set(xlabel="megabytes")
    axes.legend(frameon=False)
    plain(axes)
    said = listed(f"{name} {most / 1e6:.2g} for {size / 1e6:.2g}" for name, size, most in rows)
    return figure, f"Megabytes taken at the worst moment of each operation, for its result: {said}."


@picture
def memory(profiles, memory_curve, peak, alive):
    """profiles: name -> a Profiler. Left what was alive over time, until its last event; right who, at the peak."""
    shape, size = (len(profiles), 2), (11, 2.3 * len(profiles))
    figure, panels = subplots(*shape, figsize=size, squeeze=False, width_ratios=[1.6, 1], sharey="col", sharex="col")
    for (name, profile), (left, right), color in zip(profiles.items(), panels, (BLUE, GREEN, ORANGE), strict=False):
        blocks, last = profile.memory.allocations, max(event.end for event in profile.events)
        times, sizes = np.array([point for point in memory_curve(blocks) if point[0] <= last]).T
        when, most = peak(blocks)
        left.fill_between(times - times[0], sizes, step="post", color=color, alpha=0.3)
        left.step(times - times[0], sizes, where="post", color=color)
        left.plot(when - times[0], most, "o", color=RED, ms=4)
        left.annotate(f" {most / 1e6:.1f} MB ", (when - times[0], most), color=RED, fontsize=9, va="bottom")
        left.set(ylabel="MB alive")
        left.set_title(name, fontsize=10)
        owners = {}
        for block in alive(blocks, when):
            label = f"{block.name}, {block.layer}" if block.layer else block.name
            owners[label] = owners.get(label, 0) + block.nbytes
        top = sorted(owners.items(), key=lambda item: -item[1])[:6]
        right.barh(range(len(top)), [size for _, size in top], color=tinted(color, 0.3), height=0.7)
        for y, (label, _) in enumerate(top):
            right.text(0, y, f" {label}", va="center", fontsize=8)
        right.set(yticks=[], ylim=(5.6, -0.6))
        right.set_title("who, at the peak", fontsize=10)
        for axes in (left, right):
            plain(axes)
    panels[0, 0].set_ylim(0, 1.2 * max(peak(profile.memory.allocations)[1] for profile in profiles.values()))
    panels[0, 0].yaxis.set_major_formatter(lambda value, _: f"{value / 1e6:.0f}")
    panels[0, 0].xaxis.set_major_formatter(lambda value, _: f"{1e3 * value:.0f}")
    panels[0, 1].xaxis.set_major_formatter(lambda value, _: f"{value / 1e6:.3g}")
    panels[-1, 0].set_xlabel("milliseconds")
    panels[-1, 1].set_xlabel("MB")
    most = {name: peak(profile.memory.allocations)[1] / 1e6 for name, profile in profiles.items()}
    return figure, f"Megabytes alive over time, and who held them at the peak. Peaks: {each(most, '{:.1f}')}."


@picture
def roofline(rows, machine):
    """rows: of `totals`; machine: with flops and bandwidth. Each operation's speed under the roof of the machine."""
    rows = [row for row in rows if row["flops"] and row["bytes"] and row["seconds"] > 0]
    intensity = np.array([row["flops"] / row["bytes"] for row in rows])
    speed = np.array([row["flops"] / row["seconds"] for row in rows])
    ridge = machine.flops / machine.bandwidth
    x = np.geomspace(min(intensity.min(), 0.05) / 2, 10 * max(intensity.max(), ridge), 200)
    figure, axes = subplots(figsize=(9, 4.4))
    roof = np.minimum(machine.flops, x * machine.bandwidth)
    axes.loglog(x, roof, color=INK, lw=1.5)
    axes.fill_between(x, roof, roof / 1e5, where=x < ridge, color=ORANGE, alpha=0.08, lw=0)
    axes.fill_between(x, roof, roof / 1e5, where=x >= ridge, color=BLUE, alpha=0.08, lw=0)
    peak = f"{machine.bandwidth / 1e9:.1f} GB/s of bandwidth, up to a peak of {machine.flops / 1e9:.0f} GFLOP/s"
    axes.set_title(f"the roof: {peak}", fontsize=10, loc="left")
    total, order = sum(row["seconds"] for row in rows), sorted(range(len(rows)), key=lambda i: -rows[i]["seconds"])
    shown = [i for i in order if rows[i]["seconds"] >= 0.01 * total]  # numbers of all would hide one another
    for i in order[len(shown) :]:
        axes.plot(intensity[i], speed[i], ".", color=GREY)
    for place, i in enumerate(shown):
        share, (color, form) = rows[i]["seconds"] / total, (BLUE, "s") if intensity[i] >= ridge else (ORANGE, "o")
        axes.plot(intensity[i], speed[i], form, color=color, ms=4 + 16 * share**0.5, alpha=0.75)
        side, where = (1, "left") if place % 2 else (-1, "right")
        beside = {
            "xytext": (side * (4 + 8 * share**0.5), 0),
            "textcoords": "offset points",
            "ha": where,
            "va": "center",
        }
        axes.annotate(f"{place + 1}", (intensity[i], speed[i]), **beside, fontsize=9)
        text = f"{place + 1:2}  {rows[i]['name']}, {share:.0%}"
        axes.text(1.02, 0.97 - 0.055 * place, text, transform=axes.transAxes, fontsize=9, color=color, va="center")
    if len(order) > len(shown):
        rest, y = sum(rows[i]["seconds"] for i in order[len(shown) :]) / total, 0.97 - 0.055 * len(shown)
        text = f"and {len(order) - len(shown)} more, {rest:.1%}"
        axes.text(1.02, y, text, transform=axes.transAxes, fontsize=9, color=GREY, va="center")
    axes.set(xlabel="intensity: FLOPs per byte", ylabel="FLOPs per second", xlim=(x[0], x[-1]))
    axes.set_ylim(min(speed.min(), roof[0]) / 3, 3 * max(machine.flops, speed.max()))
    plain(axes)
    said = listed(
        f"{place + 1} {rows[i]['name']} {rows[i]['seconds'] / total:.0%}" for place, i in enumerate(order[:4])
    )
    words = f"""A roof over FLOPs per byte, both axes logarithmic: it rises with {machine.bandwidth / 1e9:.1f} GB/s to
        {machine.flops / 1e9:.0f} GFLOP/s. {len(rows)} operations lie below it, {sum(intensity < ridge)} of them below
        the slope. Most of the time take {said}."""
    return figure, words


@picture
def overhead(costs):
    """costs: numbers in an array -> {"seconds": added to each operation, "factor": how many times as slow}."""
    figure, (left, right) = subplots(1, 2, figsize=(9, 2.8))
    sizes = list(costs)
    left.semilogx(sizes, [1e6 * cost["seconds"] for cost in costs.values()], "o-", color=ORANGE)
    left.set(xlabel="numbers in the array", ylabel="added, in µs per operation")
    left.axhline(0, color=GREY, lw=0.8)
    right.semilogx(sizes, [cost["factor"] for cost in costs.values()], "o-", color=ORANGE)
    right.axhline(1, color=GREY, lw=0.8)
    right.set(xlabel="numbers in the array", ylabel="times as long as without it", ylim=(0, None))
    for axes in (left, right):
        plain(axes)
    factors = [cost["factor"] for cost in costs.values()]
    words = f"""What a profiler costs, over the size of the array, {ends(sizes, "{:,}")} numbers:
        {ends([1e6 * cost["seconds"] for cost in costs.values()])} µs for each operation, which makes it
        {ends(factors, "{:.2f}")} times as long."""
    return figure, words


# --- inside -------------------------------------------------------------------------------------


def _start(event):
    return event.start, -event.end


def _block(axes, left, y, width, text, color, total):
    """A bar with its name in it, where there is room for it; about 150 letters fit into the whole width."""
    axes.barh(y, width, left=left, height=0.9, color=color, edgecolor=PAPER, lw=0.5)
    room = int(150 * width / total)
    if room >= 4:
        text = text if len(text) <= room else text[: room - 1] + "…"
        axes.text(left + width / 2, y, text, ha="center", va="center", fontsize=7, color=PAPER, clip_on=True)
