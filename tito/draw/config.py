"""Pictures for Config: what YAML makes of a text, where options come from, streams of chance, trials and noise.

Every function draws one figure from plain numbers and texts, which `@picture` shows with its words.
"""

import numpy as np

from tito.draw.picture import (
    BLUE,
    GREY,
    INK,
    ORANGE,
    PALE,
    RED,
    SERIES,
    in_percent,
    listed,
    picture,
    plain,
    subplots,
    tinted,
)
from tito.draw.steady import in_turns as in_turns


@picture
def yaml_types(text, values):
    """A line for each line of `text`: as written, as YAML reads it, and its Python type; texts in red, dates, too."""
    lines = [line for line in text.strip().splitlines() if line]
    axes = _page(len(lines) + 1, width=7.5)
    _row(axes, 0, ["as it is written", "what safe_load makes of it", "its type"], color=GREY)
    for y, (line, value) in enumerate(zip(lines, values.values(), strict=True), 1):
        written = line.partition(": ")[2]
        _row(axes, y, [line, repr(value), type(value).__name__], color=BLUE if _as_written(written, value) else RED)
    said = listed(
        f"{line} is {value!r}, {type(value).__name__}" for line, value in zip(lines, values.values(), strict=True)
    )
    return axes.figure, f"What YAML makes of each line: {said}."


@picture
def errors(text, complaints):
    """A file with numbered lines; those with a complaint "file:line: key: words" on a red ground, with its words."""
    said = {int(line.split(":")[1]): line.split(": ", 1)[1] for line in complaints}
    lines = text.splitlines()
    axes = _page(len(lines), width=9.5)
    for y, line in enumerate(lines):
        wrong = y + 1 in said
        if wrong:
            axes.axhspan(y - 0.5, y + 0.5, color=tinted(RED, 0.12), lw=0)
        axes.text(0.02, y, f"{y + 1:3}  {line}", family="monospace", va="center", color=INK if wrong else GREY)
        axes.text(0.42, y, said.get(y + 1, ""), va="center", fontsize=9)
    about = "; ".join(f"line {n}: {complaint}" for n, complaint in said.items())
    return axes.figure, f"A file of {len(lines)} lines, with a complaint beside each wrong one. {about}"


@picture
def layers(options, given):
    """options: key -> values [by default, with the file, with overrides]; given: for the last two, the keys they have.

    What counts in the end is bold; what a layer says nothing about is left out.
    """
    axes = _page(len(options) + 1, width=8.5)
    columns = (0.02, 0.34, 0.56, 0.78)
    for x, name in zip(columns, ("option", "default", "file", "command line"), strict=True):
        axes.text(x, 0, name, va="center", color=GREY)
    for y, (key, values) in enumerate(options.items(), 1):
        axes.text(columns[0], y, key, family="monospace", va="center")
        said = [True, *(key in keys for keys in given)]
        last = max(i for i, there in enumerate(said) if there)
        for i, (x, value, color) in enumerate(zip(columns[1:], values, (INK, BLUE, ORANGE), strict=True)):
            if said[i]:
                style = {"weight": "bold", "color": color} if i == last else {"color": GREY}
                axes.text(x, y, repr(value), va="center", family="monospace", **style)
    said = listed(f"{key} is {values[-1]!r}" for key, values in options.items())
    words = f"""Each option by default, in the file and on the command line; the last that is given counts: {said}."""
    return axes.figure, words


@picture
def streams(ways):
    """ways: name -> (before, after), two dicts purpose -> the numbers that it drew. A square a number, the larger the
    darker; what changed is framed."""
    figure, panels = subplots(len(ways), 1, figsize=(9, 1.5 * len(ways)))
    for axes, (title, (before, after)) in zip(panels, ways.items(), strict=True):
        x = 0
        for name, numbers in after.items():
            new = name not in before
            axes.text(x - 0.4, 1.0 if new else -0.65, name, fontsize=9, color=RED if new else INK)
            for y, row in enumerate((before.get(name, []), numbers)):
                for i, number in enumerate(row):
                    changed = row != before.get(name)
                    axes.add_patch(_square(x + i, 1.5 * y, number, RED if changed else PALE))
            x += len(numbers) + 1
        axes.set(xlim=(-0.8, x), ylim=(2.2, -1.2), yticks=[0, 1.5], xticks=[])
        axes.set_title(title, fontsize=10, loc="left")
        axes.set_yticklabels(["before", "with dropout"])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    moved = {way: [name for name in before if before[name] != after[name]] for way, (before, after) in ways.items()}
    said = "; ".join(f"{way}: {_changing(names)}" for way, names in moved.items())
    return figure, f"Rows of random numbers before and with one more purpose. {said}."


@picture
def interrupted(calm, disturbed, moments):
    """Rows of an undisturbed and of a disturbed training, and the moments, in epochs, at which that one was stopped."""
    figure, panels = subplots(1, 2, figsize=(10, 3.0))
    for axes, name in zip(panels, ("loss", "val_accuracy"), strict=True):
        for rows, style in ((calm, {"lw": 5, "alpha": 0.35, "color": BLUE}), (disturbed, {"color": ORANGE})):
            label = "undisturbed" if rows is calm else "stopped, and gone on"
            axes.plot([row["epoch"] for row in rows], [row[name] for row in rows], label=label, **style)
        for moment in moments:
            axes.axvline(moment, color=RED, lw=1, ls=":")
        axes.set(xlabel="epoch", ylabel=name)
        plain(axes)
    panels[0].legend(frameon=False)
    same = [row[name] for row in calm for name in ("loss", "val_accuracy")] == [
        row[name] for row in disturbed for name in ("loss", "val_accuracy")
    ]
    words = f"""Loss and val_accuracy of a training without disturbance, and of one that was stopped {len(moments)}
        times: the curves {"are the same" if same else "differ"}."""
    return figure, words


@picture
def drift(curves):
    """curves: name -> the largest difference of two trainings' weights after each epoch, of which one was nudged."""
    figure, axes = subplots(figsize=(8, 3.2))
    for (name, distances), color in zip(curves.items(), SERIES, strict=False):
        epochs, shown = range(1, len(distances) + 1), np.maximum(distances, 1e-9)
        axes.plot(epochs, shown, "o-", ms=4, color=color)
        axes.text(epochs[-1], shown[-1], f"   {name}", color=color, va="center")
    axes.set(yscale="log", xlabel="epoch", ylabel="largest difference\nof two weights", xlim=(0.7, len(epochs) * 1.4))
    axes.set_ylim(3e-10, 10)
    axes.set_yticks([1e-9, 1e-6, 1e-3, 1], ["none", "1e-6", "0.001", "1"])
    axes.set_xticks(list(epochs))
    plain(axes)
    words = f"""The largest difference of two trainings' weights after each of {len(list(epochs))} epochs, on a
        logarithmic axis:
        {
        listed(
            f"{name} {distances[-1]:.0e} in the end" if distances[-1] else f"{name}: none"
            for name, distances in curves.items()
        )
    }."""
    return figure, words


@picture
def grid_and_random(grid, random):
    """Two ways to spend a budget: points (n, 2), along x an option that matters; lines show its values that are met."""
    figure, panels = subplots(1, 2, figsize=(9, 3.8))
    x = np.linspace(0, 1, 400)
    for axes, points, name in zip(panels, (grid, random), ("grid", "random"), strict=True):
        axes.plot(x, 1.15 + 0.4 * _importance(x), color=GREY)
        axes.plot(*points.T, "o", color=BLUE)
        tried = np.unique(points[:, 0])
        axes.plot(tried, 1.15 + 0.4 * _importance(tried), "o", color=ORANGE, ms=7)
        axes.vlines(tried, 0, 1.15 + 0.4 * _importance(tried), color=ORANGE, lw=0.7, alpha=0.6)
        axes.set(xlim=(0, 1), ylim=(0, 1.62), xticks=[], yticks=[], xlabel="an option that matters")
        title = f"{name}: {len(points)} trials, {len(tried)} values of it, best {_importance(tried).max():.2f}"
        axes.set_title(title, fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("one that hardly does       result")
    tried = {"a grid": grid, "random": random}
    said = listed(
        f"{how} meets {len(set(points[:, 0]))}, the best worth {_importance(points[:, 0]).max():.2f}"
        for how, points in tried.items()
    )
    return figure, f"{len(grid)} trials in each of two squares. Of the values of the option that matters, {said}."


@picture
def search(rows, options):
    """rows of a search: a panel for each option, its values against the result; then the best one so far."""
    figure, panels = subplots(1, len(options) + 1, figsize=(3.6 * (len(options) + 1), 3.2))
    good = [row for row in rows if "error" not in row]
    floor = min(row["val_accuracy"] for row in good)
    for axes, option in zip(panels, options, strict=False):
        axes.semilogx([r["trial"][option] for r in good], [r["val_accuracy"] for r in good], "o", color=BLUE)
        failed = [row["trial"][option] for row in rows if "error" in row]
        axes.semilogx(failed, [floor] * len(failed), "x", color=RED)
        axes.set(xlabel=option, ylabel="val_accuracy")
    scores = [row.get("val_accuracy", np.nan) for row in rows]
    trials = range(1, len(rows) + 1)
    panels[-1].plot(trials, scores, "o", color=GREY, ms=3)
    panels[-1].step(trials, np.fmax.accumulate(scores), where="post", color=ORANGE)
    panels[-1].set(xlabel="trial", ylabel="each trial; line: best so far")
    for axes in panels:
        in_percent(axes.yaxis)
        plain(axes)
    best = max(good, key=lambda row: row["val_accuracy"])
    said = listed(f"{option} {best['trial'][option]:.2g}" for option in options)
    words = f"""val_accuracy of {len(rows)} trials over {listed(options)}, and the best one so far. The best,
        {best["val_accuracy"]:.1%}, has {said}; {len(rows) - len(good)} failed."""
    return figure, words


@picture
def seeds(scores, found):
    """scores: name -> results with other seeds; found: name -> what the search saw of it, once. A line of dots each."""
    figure, axes = subplots(figsize=(8, 0.7 * len(scores) + 1.0))
    for y, (name, values) in enumerate(scores.items()):
        axes.plot(values, np.full(len(values), y), "o", color=BLUE, alpha=0.45)
        axes.plot([np.mean(values)] * 2, [y - 0.25, y + 0.25], color=BLUE)
        axes.plot(found[name], y, "*", color=ORANGE, ms=12)
    axes.set_yticks(range(len(scores)), list(scores))
    axes.set(ylim=(len(scores) - 0.5, -0.5), xlabel="val_accuracy with other seeds (line: mean; star: in the search)")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.1%}")
    plain(axes)
    said = listed(
        f"{name} {np.mean(values):.1%} with other seeds, {found[name]:.1%} in the search"
        for name, values in scores.items()
    )
    words = f"""A line of dots for each trial: its val_accuracy with other seeds, and a star for what the search saw.
        Means: {said}."""
    return figure, words


# --- inside -------------------------------------------------------------------------------------


def _page(lines, width):
    """Axes without axes, for `lines` lines of text, the first on top."""
    _, axes = subplots(figsize=(width, 0.27 * lines + 0.2))
    axes.set(xlim=(0, 1), ylim=(lines - 0.4, -0.6))
    axes.set_axis_off()
    return axes


def _row(axes, y, cells, color):
    for x, cell in zip((0.02, 0.38, 0.78), cells, strict=True):
        axes.text(x, y, cell, family="monospace", va="center", color=INK if x == 0.02 else color)


def _as_written(written, value):
    """Whether `value` is what most people mean by `written`."""
    return written == "~" or (written.replace(" ", "") == repr(value).replace(" ", ""))


def _changing(names):
    return f"{listed(names)} change" if len(names) > 1 else f"{names[0] if names else 'nothing'} changes"


def _square(x, y, number, edge):
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    color = np.array(to_rgb(BLUE)) * number + (1 - number)
    return Rectangle((x - 0.42, y - 0.42), 0.84, 0.84, facecolor=color, edgecolor=edge, lw=1.6)


def _importance(x):
    """A made-up result of a training, of which the first option decides nearly all."""
    return np.exp(-((x - 0.68) ** 2) / 0.006) + 0.35 * np.exp(-((x - 0.3) ** 2) / 0.05)
