"""Pictures for Benchmarking: timings one after the other, warm-ups, turns, bootstrap draws, verdicts and trials.

Every function draws one figure from plain numbers and arrays, which `@picture` shows with its words.
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
    in_percent,
    listed,
    picture,
    plain,
    subplots,
)

VERDICTS = {"slower": RED, "faster": GREEN, "same": BLUE, "no difference seen": ORANGE}


@picture
def series(seconds):
    """Timings in the order in which they came, and how often each came. Both axes of time are logarithmic."""
    micro = 1e6 * np.asarray(seconds)
    figure, (left, right) = subplots(1, 2, figsize=(10, 3.2), width_ratios=[2, 1], sharey=True)
    left.semilogy(micro, ".", color=BLUE, ms=4)
    left.plot(0, micro[0], "D", color=RED, label="the first call")
    left.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 0.96))
    left.set(xlabel="call", ylabel="µs (logarithmic)")
    right.hist(micro, np.geomspace(micro.min() * 0.98, micro.max(), 60), orientation="horizontal", color=BLUE)
    right.set(xlabel="how often")
    for axes in (left, right):
        _plain_time(axes)
    words = f"""{len(micro)} timings in their order, and how often each came, on logarithmic axes. The first took
        {micro[0]:.3g} µs, the usual one {np.median(micro):.3g}, the slowest {micro.max():.3g}."""
    return figure, words


@picture
def landmarks(seconds, said):
    """A histogram of timings, the very slow ones left out, with what `summarize` said of them as lines."""
    micro = 1e6 * np.asarray(seconds)
    figure, axes = subplots(figsize=(9, 3.2))
    edge = 1.2e6 * max(said["mean"], said["p95"])
    axes.hist(micro[micro <= edge], 80, color=BLUE, alpha=0.5)
    top = 1.7 * axes.get_ylim()[1]  # room for the words, above all bars
    axes.set_ylim(0, top)
    marks = {"min": GREEN, "p10": ORANGE, "median": BLUE, "p95": GREY, "mean": RED}
    for i, (name, color) in enumerate(marks.items()):
        axes.axvline(1e6 * said[name], color=color, lw=1.5)
        axes.text(1e6 * said[name], top * (0.99 - 0.075 * i), f" {name} {1e6 * said[name]:.0f}", color=color, va="top")
    axes.set(xlabel="µs", ylabel="how often")
    plain(axes)
    return figure, f"How often each time came, with lines: {each({name: 1e6 * said[name] for name in marks})} µs."


@picture
def warm_up(seconds, batch, start):
    """Timings with the cut at `start` (None: never steady), and below them MSER's error for every possible cut."""
    micro = 1e6 * np.asarray(seconds)
    figure, (top, bottom) = subplots(2, 1, figsize=(9, 4.4), sharex=True, height_ratios=[1.4, 1])
    top.semilogy(micro, ".", color=GREY)
    medians = np.median(micro[: len(micro) // batch * batch].reshape(-1, batch), axis=1)
    top.plot(
        batch * np.arange(len(medians)) + (batch - 1) / 2, medians, "o-", color=BLUE, ms=4, label="medians of batches"
    )
    top.set(ylabel="µs (logarithmic)")
    _plain_time(top)
    rests = [medians[d:] for d in range(len(medians) // 2 + 1)]
    errors = [np.var(rest) / len(rest) for rest in rests]
    cuts = batch * np.arange(len(errors))
    bottom.semilogy(cuts, errors, "o-", color=ORANGE, ms=4)
    bottom.axvspan(cuts[-1], len(micro), color=GREY, alpha=0.12, lw=0)
    bottom.text(cuts[-1], bottom.get_ylim()[1], "  no cut beyond the half", va="top")
    bottom.set(xlabel="sample", ylabel="error of the rest, µs²")
    plain(bottom)
    if start is not None:
        for axes in (top, bottom):
            axes.axvline(start - 0.5, color=RED, lw=1.2)
        top.text(start, top.get_ylim()[1], f" counted from sample {start}", color=RED, va="top")
    top.legend(frameon=False, loc="center right")
    cut = (
        "They never become steady"
        if start is None
        else f"They are counted from sample {start} on, where the error of the rest is least"
    )
    words = f"""{len(micro)} timings and the medians of each {batch}, {ends(medians)} µs; below, the error of the rest
        for every possible cut. {cut}."""
    return figure, words


@picture
def turns(one_by_one, in_turns):
    """Two arrays (rounds, 2) of timings of A and B: measured one after the other, and in turns."""
    figure, panels = subplots(1, 2, figsize=(10, 3.4), sharey=True)
    n = len(one_by_one)
    places = [(np.arange(n), np.arange(n, 2 * n)), (2 * np.arange(n), 2 * np.arange(n) + 1)]
    ratios = np.median(one_by_one[:, 1]) / np.median(one_by_one[:, 0]), np.exp(np.median(np.diff(np.log(in_turns))))
    titles = "first A, then B", "in turns, compared within the rounds"
    for axes, seconds, where, ratio, title in zip(panels, (one_by_one, in_turns), places, ratios, titles, strict=True):
        for i, (name, color) in enumerate({"A": BLUE, "B": ORANGE}.items()):
            axes.plot(where[i], 1e3 * seconds[:, i], ".+"[i], color=color, ms=5, label=name)
        axes.set_title(f"{title}: B / A = {ratio:.3f}", fontsize=10, loc="left")
        axes.set(xlabel="sample")
        plain(axes)
    panels[0].set_ylabel("ms, on a pretended machine")
    panels[0].legend(loc="upper left", markerscale=2)
    words = f"""Timings of A and B on a pretended machine. First all of A, then all of B: B / A is
        {ratios[0]:.3f}. In turns, compared within the rounds: {ratios[1]:.3f}."""
    return figure, words


@picture
def samples(results):
    """All samples of a suite's Results, on a logarithmic axis, and their medians; right the noise of each."""
    figure, (left, right) = subplots(1, 2, figsize=(10, 0.36 * len(results) + 1.1), width_ratios=[3, 1], sharey=True)
    for y, result in enumerate(results.values()):
        micro = 1e6 * np.array(result.seconds)
        left.plot(micro, y + 0.5 * np.linspace(-0.5, 0.5, len(micro)), ".", color=BLUE, alpha=0.35, ms=4)
        left.plot([np.median(micro)] * 2, [y - 0.35, y + 0.35], color=RED, lw=2)
        right.barh(y, 1.4826 * np.median(np.abs(micro / np.median(micro) - 1)), color=GREY)
    left.set_yticks(range(len(results)), list(results))
    left.set(xscale="log", xlabel="µs a call (red: median; rounds from top to bottom)")
    right.set(xlabel="noise")
    in_percent(right.xaxis)
    left.invert_yaxis()
    for axes in (left, right):
        plain(axes)
    said = listed(f"{name} {1e6 * np.median(result.seconds):.3g} µs" for name, result in results.items())
    words = f"""All samples of {len(results)} benchmarks on a logarithmic axis, their medians, and how noisy each was.
        Medians: {said}."""
    return figure, words


@picture
def bootstrap(draws, held):
    """Left: bootstrap medians, the middle 95 % blue. Right, held: kind of interval -> how often it was right."""
    figure, (left, right) = subplots(1, 2, figsize=(11, 3.2), width_ratios=[1.1, 1])
    micro, (low, high) = 1e6 * np.asarray(draws), 1e6 * np.quantile(draws, [0.025, 0.975])
    bins = left.hist(micro, 50, color=GREY, alpha=0.6)[1]
    left.hist(micro[(micro >= low) & (micro <= high)], bins, color=BLUE)
    left.set(xlabel="µs: medians of bootstrap samples (blue: their middle 95 %)", ylabel="how often")
    for y, share in enumerate(held.values()):
        right.barh(y, share, color=GREEN if share > 0.9 else RED, height=0.65)
        right.text(share - 0.01, y, f"{share:.0%}", color=PAPER, va="center", ha="right")
    right.axvline(0.95, color=INK, lw=1)
    right.set_yticks(range(len(held)), list(held))
    right.invert_yaxis()
    right.set(xlim=(0, 1), xlabel="share of intervals that held the truth (line: what was promised)")
    in_percent(right.xaxis)
    for axes in (left, right):
        plain(axes)
    words = f"""Left {len(micro)} medians of bootstrap samples, the middle 95 % {ends([low, high])} µs. Right how often
        such intervals held the truth: {each(held, "{:.0%}")}, where 95 % were promised."""
    return figure, words


@picture
def verdicts(verdict, tolerance=0.03):
    """Intervals of ratios and what `verdict` says of them."""
    intervals = [(1.06, 1.14), (1.035, 1.06), (0.985, 1.02), (0.96, 1.01), (0.94, 1.10), (1.01, 1.045), (0.88, 0.95)]
    figure, axes = subplots(figsize=(8, 2.8))
    axes.axvspan(1 / (1 + tolerance), 1 + tolerance, color=GREY, alpha=0.2, lw=0)
    axes.axvline(1, color=GREY, lw=1)
    for y, (low, high) in enumerate(intervals):
        said = verdict(low, high, tolerance)
        axes.plot([low, high], [y, y], color=VERDICTS.get(said, GREY), lw=4, solid_capstyle="butt")
        axes.text(1.16, y, str(said), color=VERDICTS.get(said, GREY), va="center")
    axes.set(xlim=(0.85, 1.24), yticks=[], xlabel="time, new / old (grey: as good as 1)")
    axes.set_xticks([0.9, 0.97, 1, 1.03, 1.1, 1.15])
    axes.invert_yaxis()
    axes.spines[["top", "right", "left"]].set_visible(False)
    words = f"""Intervals of new / old, a line each:
        {listed(f"{low} to {high}: {verdict(low, high, tolerance)}" for low, high in intervals)}."""
    return figure, words


@picture
def compared(figure, comparisons):
    """A figure of Comparisons by name that somebody else has drawn."""
    said = listed(f"{name}: {c.ratio:.2f}, {c.verdict}" for name, c in comparisons.items())
    return figure, f"Intervals of new / old, a line each: {said}."


@picture
def trials(found, tolerance=0.03):
    """found: kind -> Comparisons of many runs with their baselines. Every interval is a line; alarms are red."""
    figure, panels = subplots(1, len(found), figsize=(10, 3.6), sharex=True, sharey=True)
    for axes, (kind, comparisons) in zip(panels, found.items(), strict=True):
        axes.axvspan(1 / (1 + tolerance), 1 + tolerance, color=GREY, alpha=0.2, lw=0)
        axes.axvline(1.0 if kind == "unchanged" else 1.1, color=INK, lw=1)
        for y, c in enumerate(sorted(comparisons, key=lambda c: c.ratio)):
            color = RED if c.verdict == "slower" else BLUE
            axes.plot([c.low, c.high], [y, y], color=color, lw=2)
            axes.plot(c.ratio, y, "X" if color == RED else ".", color=color)
        alarms = sum(c.verdict == "slower" for c in comparisons)
        axes.set_title(f"{kind}: an alarm in {alarms} of {len(comparisons)} runs", fontsize=10, loc="left")
        axes.set(xlabel="time against the baseline (line: the truth)", yticks=[])
        plain(axes)
    said = listed(
        f"{kind}: an alarm in {sum(c.verdict == 'slower' for c in runs)} of {len(runs)} runs"
        for kind, runs in found.items()
    )
    return figure, f"An interval of the ratio for each run, alarms in red with a cross. {said}."


# --- inside -------------------------------------------------------------------------------------


def _plain_time(axes):
    """Microseconds on a logarithmic axis, as plain numbers."""
    plain(axes)
    low, high = axes.get_ylim()
    ends = np.floor(np.log10([low, high])).astype(int)
    ticks = [digit * 10.0**power for power in range(ends[0], ends[1] + 1) for digit in (1, 2, 5)]
    if sum(low <= tick <= high for tick in ticks) < 2:
        ticks = np.geomspace(low, high, 5)[1:-1]
    axes.set_yticks([tick for tick in ticks if low <= tick <= high])
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.3g}")
    axes.yaxis.set_minor_formatter(lambda value, _: "")
