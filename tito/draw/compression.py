"""Pictures for Compression: weights and masks, what training brings back, steps of int8, soft targets, and the race.

Every function draws one figure from plain numbers and arrays, which `@picture` shows with its words.
"""

import numpy as np

from tito.draw.picture import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    each,
    ends,
    in_percent,
    listed,
    picture,
    plain,
    spans,
    subplots,
)
from tito.draw.picture import slider as slider
from tito.draw.steady import in_turns as in_turns

COLORS = (BLUE, ORANGE)


@picture
def weights(layers):
    """layers: name -> array. How often which weight occurs; the inner half, nearest to 0, is pale."""
    figure, panels = subplots(1, len(layers), figsize=(4.6 * len(layers), 2.8), squeeze=False)
    for axes, (name, weight) in zip(panels.flat, layers.items(), strict=True):
        middle = np.median(np.abs(weight))
        _, edges, bars = axes.hist(weight.ravel(), bins=81, color=BLUE)
        for left, bar in zip(edges, bars, strict=False):
            if -middle <= left + bar.get_width() / 2 <= middle:
                bar.set_alpha(0.35)
        axes.text(0.98, 0.92, "pale: the smaller half", transform=axes.transAxes, ha="right", color=GREY, fontsize=9)
        axes.set(title=f"{name}.weight, {weight.size:,} numbers", xlabel="weight", ylabel="how many")
        axes.title.set_fontsize(10)
        plain(axes)
    said = listed(f"{np.median(np.abs(weight)):.2g} in {name}" for name, weight in layers.items())
    words = f"""How often each weight occurs, in each layer. Half of the weights are smaller than
        {said}: pale."""
    return figure, words


@picture
def survivors(mask, shares, curves):
    """Left: how many weights survived at each pixel, mask (units, H, W). Right: name -> accuracies at `shares`."""
    figure, (left, right) = subplots(1, 2, figsize=(9, 3.3), width_ratios=[1, 1.6])
    image = left.imshow(mask.sum(axis=0), cmap="Blues", interpolation="nearest")
    figure.colorbar(image, ax=left, location="bottom", shrink=0.8)
    left.set_axis_off()
    left.set_title(f"weights left of {len(mask)} at each pixel,\n90 % of all are pruned", fontsize=10)
    for (name, accuracies), color in zip(curves.items(), COLORS, strict=False):
        right.plot(shares, accuracies, "o-", ms=3, color=color, label=name)
    right.set(xlabel="share of the weights that is pruned", ylabel="accuracy, without training")
    _percent(right, "both")
    right.legend(frameon=False)
    plain(right)
    last = {name: accuracies[-1] for name, accuracies in curves.items()}
    words = f"""Left how many of {len(mask)} weights survive at each pixel: {mask.sum(axis=0).min()} to
        {mask.sum(axis=0).max()}. Right the accuracy over the share that is pruned. With {shares[-1]:.0%} pruned:
        {each(last, "{:.0%}")}."""
    return figure, words


@picture
def recovery(shares, curves, whole):
    """curves: name -> (before, after) fine-tuning, one pair for each share; whole: the accuracy without pruning."""
    figure, axes = subplots(figsize=(7, 3.4))
    axes.axhline(whole, color=GREY, lw=1)
    axes.text(shares[-1], whole, "nothing pruned", color=GREY, ha="right", va="bottom", fontsize=9)
    for (name, pairs), color in zip(curves.items(), COLORS, strict=False):
        before, after = zip(*pairs, strict=True)
        axes.plot(shares, before, "o--", ms=3, color=color, alpha=0.5)
        axes.plot(shares, after, "o-", ms=4, color=color, label=name)
        axes.fill_between(shares, before, after, color=color, alpha=0.08, lw=0)
    axes.set(xlabel="share of the weights that is pruned", ylabel="accuracy (dashed: before)", ylim=(0, 1.05))
    _percent(axes, "both")
    axes.legend(frameon=False, loc="lower left")
    plain(axes)
    said = listed(f"{name} {pairs[-1][0]:.0%} before, {pairs[-1][1]:.0%} after" for name, pairs in curves.items())
    words = f"""Accuracy before and after fine-tuning over the share that is pruned; without pruning {whole:.1%}. With
        {shares[-1]:.0%} pruned: {said}."""
    return figure, words


@picture
def units():
    """Left: a mask leaves both matrices as large as they were. Right: dropped units make both smaller."""
    figure, panels = subplots(1, 2, figsize=(9, 2.7))
    scattered, rows = np.random.default_rng(4).random((2, 8, 8)) < 0.5, np.array([1, 0, 1, 1, 0, 0, 1, 0], bool)
    pictures = ("pruned weights: as large as before", scattered), ("pruned units: rows here, columns there", rows)
    for axes, (title, keep) in zip(panels, pictures, strict=True):
        first = keep[0] if keep.ndim == 3 else np.repeat(keep[:, None], 8, axis=1)
        second = keep[1, :4] if keep.ndim == 3 else np.repeat(keep[None], 4, axis=0)
        _cells(axes, first, 0, 0)
        _cells(axes, second, 10, 2)
        axes.text(4, 8.3, "this layer", ha="center", va="top", fontsize=9)
        axes.text(14, 8.3, "the next one", ha="center", va="top", fontsize=9)
        axes.set(xlim=(-0.5, 18.5), ylim=(9.4, -0.5), aspect="equal")
        axes.set_axis_off()
        axes.set_title(title, fontsize=10)
    return figure, (
        "Two matrices, twice. Left, single weights are missing here and there, and both are as large as before. "
        "Right, whole rows of the first and the columns of the second that belong to them are gone."
    )


@picture
def table(rows):
    """rows: (name, accuracy, bytes, seconds), the first one to compare with. Three panels of bars."""
    names, accuracies, sizes, seconds = zip(*rows, strict=True)
    figure, panels = subplots(1, 3, figsize=(10.5, 0.42 * len(rows) + 1.0), sharey=True)
    numbers = {
        "accuracy": (accuracies, lambda v: f"{v:.1%}"),
        "bytes of the file": (sizes, lambda v: f"{v:,}"),
        "time for 500 images": (seconds, lambda v: f"{v * 1e3:.2f} ms"),
    }
    for axes, (title, (values, text)), color in zip(panels, numbers.items(), (GREEN, BLUE, ORANGE), strict=True):
        axes.barh(range(len(rows)), values, color=color, height=0.65)
        for y, value in enumerate(values):
            axes.text(value, y, f" {text(value)}", va="center", fontsize=9)
        axes.set_xlim(0, 1.4 * max(values))
        axes.set_title(title, fontsize=10)
        axes.set_xticks([])
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    panels[0].set_yticks(range(len(rows)), names)
    panels[0].invert_yaxis()
    said = "; ".join(f"{name}: {right:.1%}, {size:,} bytes, {s * 1e3:.2f} ms" for name, right, size, s in rows)
    return figure, f"Bars of accuracy, bytes of the file and time. {said}."


@picture
def costs(models):
    """models: name -> rows of layer_costs. Beside each other, how long each layer takes in each of the models."""
    names = sorted({row["name"] for rows in models.values() for row in rows}, key=lambda name: int(name.split()[0]))
    figure, axes = subplots(figsize=(7.5, 0.26 * len(names) * len(models) + 0.9))
    height = 0.8 / len(models)
    for i, ((label, rows), color) in enumerate(zip(models.items(), (GREY, *COLORS), strict=False)):
        times = {row["name"]: 1e3 * row["seconds"] for row in rows}
        values = [times.get(name, 0.0) for name in names]
        axes.barh([y + (i - (len(models) - 1) / 2) * height for y in range(len(names))], values, height, color=color)
        axes.plot([], [], "s", color=color, label=f"{label}: {sum(values):.2f} ms in all")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set(xlabel="milliseconds for 500 images, as your profiler says")
    axes.legend(frameon=False, fontsize=9)
    plain(axes)
    slowest = {label: max(rows, key=lambda row: row["seconds"]) for label, rows in models.items()}
    said = "; ".join(f"{label}: {row['name']}, {1e3 * row['seconds']:.2f} ms" for label, row in slowest.items())
    return figure, f"How long each layer takes, as your profiler says. The slowest: {said}."


@picture
def steps(filters, bits, curves):
    """Left: the range of each filter (O, …), and that of all. Right: name -> signal to noise in dB by `bits`."""
    figure, (left, right) = subplots(1, 2, figsize=(10, 3.2))
    largest = np.sort(np.abs(filters.reshape(len(filters), -1)).max(axis=1))
    left.bar(range(len(largest)), largest, color=BLUE, width=0.8)
    left.axhline(largest[-1], color=RED, lw=1)
    left.text(0, largest[-1], "one range for all of them", color=RED, va="bottom", fontsize=9)
    left.set(xlabel="filters, in order", ylabel="largest weight", ylim=(0, largest[-1] * 1.15))
    for (name, values), color in zip(curves.items(), (RED, BLUE), strict=False):
        right.plot(bits, values, "o-", ms=4, color=color, label=name)
    right.set(xlabel="bits of a weight", ylabel="signal to noise in dB", xticks=list(bits))
    right.legend(frameon=False)
    for axes in (left, right):
        plain(axes)
    words = f"""Left the largest weight of each of {len(largest)} filters, {ends(largest, "{:.2f}")}; one range for all
        would be the last. Right the signal to noise in dB, {ends(list(bits))} bits: {spans(curves)}."""
    return figure, words


@picture
def speeds(rates):
    """rates: name -> billions of operations in a second."""
    figure, axes = subplots(figsize=(7, 0.5 * len(rates) + 0.9))
    axes.barh(range(len(rates)), rates.values(), color=BLUE, height=0.65)
    for y, rate in enumerate(rates.values()):
        axes.text(rate, y, f" {rate:.1f}", va="center", fontsize=9)
    axes.set_yticks(range(len(rates)), list(rates))
    axes.invert_yaxis()
    axes.set(xlabel="10⁹ multiplications and additions in a second, measured here")
    plain(axes)
    return figure, f"10⁹ multiplications and additions in a second: {each(rates)}."


@picture
def soft_targets(images, rows, names):
    """images (n, 1, H, W); rows: for each of `names` probabilities (n, 10). An image and its bars side by side."""
    figure, panels = subplots(1, 2 * len(images), figsize=(4 * len(images), 2.1), width_ratios=[1, 2.4] * len(images))
    for i, image in enumerate(images):
        left, right = panels[2 * i], panels[2 * i + 1]
        left.imshow(image[0], cmap="gray_r", interpolation="nearest")
        left.set_axis_off()
        for j, (name, probabilities) in enumerate(zip(names, rows, strict=True)):
            places = np.arange(10) + 0.4 * j - 0.2
            right.bar(places, probabilities[i], width=0.4, color=COLORS[j], label=name)
        right.set(xticks=range(10), ylim=(0, 1))
        _percent(right, "y")
        right.tick_params(labelsize=8)
        plain(right)
    panels[1].legend(frameon=False, fontsize=8)
    said = "; ".join(
        f"{name}: {listed(f'{p.argmax()} {p.max():.0%}' for p in ps)}" for name, ps in zip(names, rows, strict=True)
    )
    return figure, f"{len(images)} digits, each beside bars of the probabilities of all classes. The likeliest, {said}."


@picture
def students(counts, alone, taught, all_labels, teacher):
    """Accuracies of a small network that had `counts` labels, all of them, or none but a teacher's answers."""
    figure, axes = subplots(figsize=(7, 3.2))
    axes.plot(counts, alone, "o-", color=ORANGE, label="learned from so many labels")
    levels = {"the teacher": (teacher, GREY), "learned from its answers, no labels": (taught, BLUE)}
    levels["learned from all labels"] = (all_labels, RED)
    for (name, (value, color)), style in zip(levels.items(), ("-", "--", ":"), strict=True):
        axes.axhline(value, color=color, lw=1.5, ls=style, label=f"{name}: {value:.1%}")
    axes.set_xscale("log", base=2)
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.set(xlabel="labels", ylabel="accuracy")
    _percent(axes, "y")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    plain(axes)
    words = f"""Accuracy of a small network over its labels:
        {listed(f"{right:.1%} from {n}" for n, right in zip(counts, alone, strict=True))}. Lines:
        {each({name: value for name, (value, _) in levels.items()}, "{:.1%}")}."""
    return figure, words


@picture
def pareto(rows, front):
    """rows: (name, accuracy, bytes, seconds); front: which of them are on the Pareto front of all three."""
    from matplotlib.ticker import LogLocator, NullLocator

    figure, panels = subplots(1, 2, figsize=(11, 4.2), sharey=True)
    for axes, column, unit, label in ((panels[0], 2, 1e-3, "file in kB"), (panels[1], 3, 1e3, "ms for 500 images")):
        for row, best in zip(rows, front, strict=True):
            color = GREEN if best else GREY
            axes.plot(row[column] * unit, 1 - row[1], "D" if best else "o", color=color, ms=6 if best else 5)
        axes.set_xscale("log")
        axes.margins(x=0.12)
        low, high = axes.get_xlim()
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 50 * low else (1,)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set(xlabel=label)
        plain(axes)
    for axes, column, unit in ((panels[0], 2, 1e-3), (panels[1], 3, 1e3)):  # only now is it known what lies where
        _numbered(axes, [(row[column] * unit, 1 - row[1]) for row in rows])
    _percent(panels[0], "y")
    panels[0].set_ylabel("wrong answers")
    for i, (row, best) in enumerate(zip(rows, front, strict=True)):
        text = f"{i + 1}  {row[0]}: {row[1]:.1%}, {row[2] / 1e3:.1f} kB, {row[3] * 1e3:.1f} ms"
        color = GREEN if best else GREY
        panels[1].text(1.04, 0.98 - i * 0.085, text, transform=panels[1].transAxes, va="top", color=color, fontsize=9)
    panels[1].text(1.04, 0.98 - len(rows) * 0.085, "diamonds: the Pareto front of all three", fontsize=9, va="top",
                   transform=panels[1].transAxes)  # fmt: skip
    best = listed(row[0] for row, on in zip(rows, front, strict=True) if on)
    words = f"""Wrong answers of {len(rows)} models over the size of the file and over the time. On the Pareto front of
        all three: {best}."""
    return figure, words


# --- inside -------------------------------------------------------------------------------------


def _numbered(axes, points):
    """Put the number of each point beside it, where most room is: points and numbers may lie close together."""
    places = axes.transData.transform(points) * 72 / axes.figure.dpi
    taken, sides = [*places], [(9, 5), (-9, 5), (9, -7), (-9, -7), (0, 11), (0, -12), (18, 0), (-18, 0)]
    for i, (point, place) in enumerate(zip(points, places, strict=True)):
        room = [min(np.abs(np.subtract(one, place + side)).max() for one in taken) for side in sides]
        side = sides[int(np.argmax(np.minimum(room, 9)))]  # more than 9 points of room make nothing clearer
        taken.append(place + side)
        beside = {"xytext": side, "textcoords": "offset points", "ha": "center", "va": "center", "fontsize": 9}
        axes.annotate(str(i + 1), point, **beside)


def _percent(axes, which):
    for axis in {"x": [axes.xaxis], "y": [axes.yaxis], "both": [axes.xaxis, axes.yaxis]}[which]:
        in_percent(axis)


def _cells(axes, keep, left, top):
    """A matrix as squares: blue ones are there, empty ones are 0 or gone."""
    from matplotlib.patches import Rectangle

    for (row, column), there in np.ndenumerate(keep):
        face = BLUE if there else "none"
        axes.add_patch(
            Rectangle((left + column, top + row), 0.9, 0.9, facecolor=face, edgecolor=GREY, lw=0.6, alpha=0.8)
        )
