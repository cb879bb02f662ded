"""Pictures for MLOps: shifted traffic, drift and its noise, alarms, batches, peeking, and a day of a server.

Every function draws one figure from plain numbers and arrays, which `@picture` shows with its words.
"""

import numpy as np

from tito.draw.picture import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    RED,
    SERIES,
    each,
    ends,
    in_percent,
    listed,
    picture,
    plain,
    subplots,
)
from tito.draw.steady import in_turns as in_turns


@picture
def shifts(rows, right):
    """rows: name -> images (n, 14, 14) from 0 to 255; right: for each row, which share of the answers is right."""
    n = len(next(iter(rows.values())))
    figure, panels = subplots(len(rows), n, figsize=(0.95 * n + 2.2, 1.0 * len(rows)))
    for line, (name, images), share in zip(panels, rows.items(), right, strict=True):
        for axes, image in zip(line, images, strict=True):
            axes.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
            axes.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
        color = GREEN if share > 0.8 else RED
        line[-1].text(1.15, 0.5, f"{share:.0%} right", transform=line[-1].transAxes, va="center", color=color)
    words = f"""Rows of digits as a camera may see them, with the share of right answers:
        {each(dict(zip(rows, right, strict=True)), "{:.0%}")}."""
    return figure, words


@picture
def shares(rows, then, psi):
    """rows: name -> shares of bins; then: those of the reference; psi: the function of the two."""
    figure, panels = subplots(1, len(rows), figsize=(3.0 * len(rows), 2.8), sharey=True)
    bins = np.arange(len(then))
    for axes, (name, now), color in zip(panels, rows.items(), SERIES, strict=False):
        axes.bar(bins, now, width=0.85, color=color, alpha=0.8)
        axes.step(np.append(bins, bins[-1] + 1) - 0.5, np.append(then, then[-1]), where="post", color=INK, lw=1)
        axes.set(title=f"{name}: psi {psi(then, now):.2f}", xlabel="bin, from dark to bright", xticks=[])
        axes.title.set_fontsize(10)
        plain(axes)
    panels[0].set_ylabel("share (line: training)")
    words = f"""Shares of the images in {len(then)} bins of brightness, as bars, before a line for those of the
        training images. psi: {each({name: psi(then, now) for name, now in rows.items()}, "{:.2f}")}."""
    return figure, words


@picture
def noise(rows, expected):
    """rows: size of a window -> psi of many windows without any drift; expected: its mean by the formula."""
    figure, axes = subplots(figsize=(7, 2.9))
    places, middle = range(len(rows)), {"color": BLUE, "lw": 2}
    axes.boxplot(list(rows.values()), positions=places, widths=0.5, showfliers=False, whis=(1, 99), medianprops=middle)
    axes.plot(places, expected, "D", color=ORANGE, ms=5, label="(bins - 1) / n")
    axes.axhline(0.25, color=RED, lw=1, label="0.25, 'much' by the rule of thumb")
    axes.set_xticks(places, [str(size) for size in rows])
    axes.set(xlabel="images in the window, all drawn from the reference itself", ylabel="psi (1 % to 99 %)")
    axes.legend(frameon=False, fontsize=9)
    plain(axes)
    said = listed(f"{np.median(values):.2f} with {size} images" for size, values in rows.items())
    words = f"""Boxes of the psi of windows without any drift, over their size. In the middle {said}.
        Diamonds show (bins - 1) / n, a line 0.25."""
    return figure, words


@picture
def alarm(rows, alarms, changes):
    """rows: list of (when, report); alarms: line -> a fresh Alarm; changes: when something changed."""
    when, ringing = [at for at, _ in rows], {}
    figure, panels = subplots(len(alarms), 1, figsize=(9, 1.5 * len(alarms) + 0.5), sharex=True)
    for axes, (line, alarm), color in zip(np.atleast_1d(panels), alarms.items(), SERIES, strict=False):
        values = [report[line] for _, report in rows]
        rings = ringing[line] = [alarm.update(value) for value in values]
        axes.plot(when, values, "o-", ms=2.5, lw=1, color=color)
        axes.axhline(alarm.limit, color=RED, lw=0.8)
        top = max(1.15 * max(values), 1.4 * alarm.limit)
        axes.fill_between(when, 0, top, where=rings, color=RED, alpha=0.15, lw=0, step="post")
        for change in changes:
            axes.axvline(change, color=INK, lw=0.8, ls=":")
        axes.set(ylabel=line.replace(" ", "\n"), ylim=(0, top))
        plain(axes)
    axes.set_xlabel("requests (dotted: something changed; red: the alarm rings)")
    said = listed(f"{line} in {sum(rings)} of {len(rings)} reports" for line, rings in ringing.items())
    words = f"""{listed(alarms)} over {when[-1]} requests, each with its limit, and a red band where its alarm rings:
        {said}. Something changed at {listed(changes)}."""
    return figure, words


@picture
def batches(times, seen, costs):
    """times: when inputs came; seen: name -> (batches, answers) as `visits` gives them; costs: batch size -> ms."""
    from matplotlib.ticker import LogLocator

    figure, (left, right) = subplots(1, 2, figsize=(12, 3.4), width_ratios=[1.7, 1])
    for y, (found, answers) in enumerate(seen.values()):
        left.plot(1e3 * np.array(times), np.full(len(times), y + 0.0), "|", color=GREY, ms=9)
        for when, inputs in found:
            first = min(times[i] for i in inputs)
            left.plot([1e3 * first, 1e3 * when], [y + 0.22] * 2, color=BLUE, lw=1)
            left.plot(1e3 * when, y + 0.22, "o", color=BLUE, ms=2 + 1.4 * len(inputs))
        waits = [1e3 * (when - time) for (_, when), time in zip(answers, times, strict=True)]
        words = f"{len(found)} batches, {abs(np.mean(waits)):.1f} ms of waiting"
        left.text(1e3 * times[-1] * 1.03, y - 0.01, words, va="center", fontsize=9)
    left.set_yticks(np.arange(len(seen)) + 0.1, list(seen))
    left.set(xlabel="ms (grey: an input comes; blue: its batch, the larger the more)")
    left.set(xlim=(-1, 1.75e3 * times[-1]), ylim=(-0.3, len(seen) - 0.4))
    left.spines[["top", "right", "left"]].set_visible(False)
    sizes, apiece = np.array(list(costs)), np.array([1e3 * ms / size for size, ms in costs.items()])
    right.loglog(sizes, apiece, "o-", color=GREEN)
    right.set_xticks(sizes, sizes)
    right.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    right.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    right.minorticks_off()
    right.set(xlabel="images in a batch", ylabel="µs of the model, each")
    plain(right)
    said = listed(f"{name}: {len(found)} batches" for name, (found, _) in seen.items())
    words = f"""Left, a row for each rule: {len(times)} inputs as they come, and the batches that they are put into.
        {said}. Right the model's time for each image, {ends(apiece, "{:.1f}")} µs for batches {ends(sizes)}."""
    return figure, words


@picture
def peeking(runs, alpha=0.05):
    """runs: name -> (p of the test for one look, p of the sequential one), arrays (experiments, looks)."""
    names = ("one look, looked at often", "sequential")
    figure, panels = subplots(1, len(runs) + 1, figsize=(4.4 * (len(runs) + 1), 3.3))
    once, always = next(iter(runs.values()))
    unlucky = int(np.flatnonzero((once < alpha).any(axis=1) & (once[:, -1] > 0.2))[0])
    for p, name, color in zip((once, always), names, (ORANGE, BLUE), strict=True):
        panels[0].semilogy(p[unlucky], color=color, lw=1.2, label=name)
    panels[0].set(title="one experiment without any difference", ylabel="p")
    panels[0].axhline(alpha, color=RED, lw=0.8)
    panels[0].legend(frameon=False, fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.08), ncols=2)
    for axes, (what, pair) in zip(panels[1:], runs.items(), strict=True):
        for p, color in zip(pair, (ORANGE, BLUE), strict=True):
            said = (np.minimum.accumulate(p, axis=1) < alpha).mean(axis=0)
            axes.plot(said, color=color)
            height = max(said[-1], 2 * alpha)  # above the line of alpha, which would cross the number out
            axes.text(len(said), height, f" {said[-1]:.1%}", color=color, va="center", fontsize=9)
        axes.axhline(alpha, color=RED, lw=0.8)
        axes.set(title=f"{what}: share that claimed one by now", ylim=(0, 1.03))
        in_percent(axes.yaxis)
    for axes in panels:
        axes.title.set_fontsize(10)
        axes.set_xlabel("looks")
        plain(axes)
    once, always = ({what: (pair[i].min(axis=1) < alpha).mean() for what, pair in runs.items()} for i in (0, 1))
    words = f"""Left p of one experiment without any difference, look by look. Beside it how many experiments have said
        "different" by the last look. One look, looked at often: {each(once, "{:.1%}")}. Sequential:
        {each(always, "{:.1%}")}."""
    return figure, words


@picture
def monday(rows, changes):
    """rows: one for each request: (right, label, report, ringing); changes: request -> what changed there."""
    figure, (top, middle, bottom) = subplots(3, 1, figsize=(9, 5.4), sharex=True, height_ratios=[1, 1, 1])
    right = np.array([row[0] for row in rows], float)
    window = 100
    mean = np.convolve(right, np.ones(window) / window, mode="valid")
    top.plot(np.arange(window - 1, len(right)), mean, color=GREY)
    top.set(ylabel="right, of 100\n(nobody knows)", ylim=(0, 1.05))
    reports = [row[2] for row in rows]
    for line, color in zip(("psi brightness", "psi contrast", "psi prediction", "psi own"), SERIES, strict=False):
        middle.plot([report.get(line, np.nan) for report in reports], color=color, label=line)
    middle.axhline(0.25, color=RED, lw=0.8)
    middle.set(ylabel="psi", yscale="log")
    middle.legend(frameon=False, fontsize=9, loc="upper left")
    names = sorted({line for row in rows for line in row[3]})
    for y, name in enumerate(names):
        ringing = np.flatnonzero([name in row[3] for row in rows])
        bottom.plot(ringing, np.full(len(ringing), y), "s", ms=3, color=RED)
        for at, late in _rang(rows, name, changes):
            bottom.text(at - 8, y, f"{late:+d}", ha="right", va="center", fontsize=9, color=RED)
    bottom.set_yticks(range(len(names)), names)
    bottom.set(xlabel="requests (red: how many after the last change)", ylim=(-0.6, max(len(names), 1) - 0.4))
    for axes in (top, middle, bottom):
        for change in changes:
            axes.axvline(change, color=INK, lw=0.8, ls=":")
        plain(axes)
    for change, what in changes.items():
        top.text(change, 1.08, f" {what}", fontsize=9, color=INK)
    rang = {name: ", ".join(f"{late:+d}" for _, late in _rang(rows, name, changes)) for name in names}
    words = f"""Over {len(rows)} requests: the share of right answers, psi, and when which alarm rang. What changed:
        {listed(f"{what} at request {change}" for change, what in changes.items())}.
        {f"After so many requests rang: {each(rang, '{}')}" if rang else "Nothing rang"}."""
    return figure, words


def _rang(rows, name, changes):
    """When an alarm began to ring, each with the number of requests from the last change on to this one."""
    rings = [name in row[3] for row in rows]
    begins = [at for at, now in enumerate(rings) if now and not (at and rings[at - 1])]
    return [(at, at + 1 - max((change for change in changes if change <= at), default=0)) for at in begins]


@picture
def experiment(path):
    """path: after each user (p of all kinds, rate of success of both arms, verdict)."""
    figure, (left, right) = subplots(1, 2, figsize=(11, 3.2))
    for arm, color in zip(path[0][1], (GREY, BLUE), strict=True):
        left.plot([rates[arm] for _, rates, _ in path], color=color, label=arm)
    left.set(ylabel="share of right answers", ylim=(0.5, 1))
    for event, color in zip(path[0][0], SERIES, strict=False):
        right.semilogy([max(p[event], 1e-6) for p, _, _ in path], color=color, label=event)
    right.axhline(0.05, color=RED, lw=0.8)
    right.set(ylabel="p, always valid")
    for axes in (left, right):
        axes.set_xlabel("users")
        axes.legend(frameon=False, fontsize=9)
        plain(axes)
    words = f"""After each of {len(path)} users: left the share of right answers, in the end
        {each(path[-1][1], "{:.1%}")}; right p on a logarithmic axis, in the end {each(path[-1][0], "{:.2g}")}."""
    return figure, words
