"""Pictures for Training: paths of optimizers, schedules, the way to a NaN, learning curves, and where time goes.

Every function draws one figure from plain numbers and arrays, which `@picture` shows with its words.
"""

import numpy as np

from tito.draw.picture import (
    BLUE,
    FORMS,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PAPER,
    RED,
    SERIES,
    each,
    ends,
    in_percent,
    listed,
    picture,
    plain,
    shares_of,
    spans,
    subplots,
)
from tito.draw.picture import slider as slider
from tito.draw.steady import fastest as fastest


@picture
def digits(images, labels, columns=12):
    """images (n, 1, 14, 14) as small pictures, `labels` above them."""
    rows = -(-len(images) // columns)
    figure, panels = subplots(rows, columns, figsize=(columns * 0.75, rows * 0.95), squeeze=False)
    for axes in panels.flat:
        axes.set_axis_off()
    for axes, image, label in zip(panels.flat, images, labels, strict=False):
        axes.imshow(image[0], cmap="gray_r", interpolation="nearest")
        axes.set_title(str(label), fontsize=9)
    return figure, f"{len(images)} handwritten digits of 14 by 14 pixels, labelled {listed(labels)}."


@picture
def valley(paths):
    """paths: name -> array (steps + 1, 2), ways down the valley (x² + 25 y²) / 2; below, how high they still are."""
    size, shared = (3.4 * len(paths), 4.0), {"sharex": "row", "sharey": "row", "squeeze": False}
    figure, panels = subplots(2, len(paths), figsize=size, height_ratios=[1.5, 1], **shared)
    x, y = np.meshgrid(np.linspace(-10, 6, 160), np.linspace(-2.6, 2.6, 80))
    levels = np.geomspace(0.2, 120, 14)
    for (name, path), top, bottom, color in zip(paths.items(), *panels, SERIES, strict=False):
        top.contour(x, y, _height(x, y), levels=levels, colors=GREY, alpha=0.45, linewidths=0.6)
        top.plot(*path.T, "o-", color=color, ms=2.5, lw=1)
        top.plot(*path[0], "o", color=color, ms=6)
        top.plot(0, 0, "+", color=INK, ms=9)
        top.set(title=name, xlim=(-10, 6), ylim=(-2.6, 2.6), xticks=[], yticks=[])
        top.title.set_fontsize(10)
        bottom.semilogy(_height(*path.T), color=color)
        bottom.set(xlabel="step")
        plain(bottom)
    panels[1, 0].set_ylabel("height")
    words = f"""Ways down a long, narrow valley, seen from above, and how high each still is after every step:
        {spans({name: _height(*path.T) for name, path in paths.items()}, "{:.2g}")}."""
    return figure, words


@picture
def memory(rows):
    """rows: optimizer -> {part: bytes for each parameter}. A bar each, divided."""
    figure, axes = subplots(figsize=(7, 0.55 * len(rows) + 1.1))
    for y, parts in enumerate(rows.values()):
        left = 0
        for (name, size), color in zip(parts.items(), (BLUE, GREEN, ORANGE), strict=False):
            axes.barh(y, size, left=left, color=color, height=0.7)
            if size:
                axes.text(left + size / 2, y, f"{name}: {size}", ha="center", va="center", color=PAPER, fontsize=9)
            left += size
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set(xlabel="bytes for each parameter, in float32")
    axes.spines[["top", "right", "left"]].set_visible(False)
    return figure, f"Bytes for each parameter: {'; '.join(f'{name}: {each(parts)}' for name, parts in rows.items())}."


@picture
def schedules(curves):
    """curves: name -> list of learning rates, one a step. Left as they are, right on a logarithmic axis."""
    figure, (left, right) = subplots(1, 2, figsize=(10, 3.2))
    for (name, rates), color in zip(curves.items(), SERIES, strict=False):
        left.plot(rates, color=color, label=name)
        right.semilogy(np.maximum(rates, 1e-9), color=color)
    left.set(xlabel="step", ylabel="learning rate")
    right.set(xlabel="step", ylabel="the same, logarithmic", ylim=(1e-6, 2))
    left.legend(frameon=False, fontsize=9)
    for axes in (left, right):
        plain(axes)
    said = listed(
        f"{name}: {rates[0]:.2g} at first, {max(rates):.2g} at most, {rates[-1]:.2g} at last"
        for name, rates in curves.items()
    )
    return figure, f"Learning rates over {len(rates)} steps, as they are and on a logarithmic axis: {said}."


@picture
def rates(curves):
    """curves: optimizer -> (learning rates, the loss at each of them), on a logarithmic axis of rates."""
    figure, axes = subplots(figsize=(7.5, 3.2))
    lowest = {}
    for (name, (tried, losses)), color, form in zip(curves.items(), SERIES, FORMS, strict=False):
        best = int(np.argmin(losses))
        lowest[name] = float(tried[best])
        axes.semilogx(tried, losses, color=color, label=f"{name}, lowest at {tried[best]:.2g}")
        axes.plot(tried[best], losses[best], form, color=color, ms=7)
    highest = max(losses[0] for _, losses in curves.values())
    axes.set(xlabel="learning rate, a little larger in every step", ylabel="loss", ylim=(0, 1.5 * highest))
    axes.legend(frameon=False)
    plain(axes)
    words = f"""The loss while the learning rate grows from step to step. It
        is lowest at these rates: {each(lowest, "{:.2g}")}."""
    return figure, words


@picture
def magnitudes(names, sizes):
    """sizes: one row a step, for each of `names` the largest absolute number of it; where it is not finite, red."""
    sizes = np.array(sizes, float)
    finite = np.where(np.isfinite(sizes), sizes, np.nan)
    figure, axes = subplots(figsize=(8, 3.4))
    for i, name in enumerate(names):
        color = (GREY, BLUE, ORANGE, GREEN, RED)[i % 5]
        axes.semilogy(finite[:, i], "o-", ms=3, color=color, label=name)
    broken = np.flatnonzero(~np.isfinite(sizes).all(axis=1))
    if len(broken):
        axes.axvspan(broken[0] - 0.5, len(sizes) - 0.5, color=RED, alpha=0.12, lw=0)
        axes.text(broken[0], axes.get_ylim()[1], " inf or nan from here on", va="top", fontsize=9)
    axes.set(xlabel="step", ylabel="largest number")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    plain(axes)
    end = f"From step {broken[0]} on something is inf or nan" if len(broken) else "All stay finite"
    words = f"""The largest number after each layer ({listed(names)}) over {len(sizes)} steps, on a logarithmic axis.
        {end}."""
    return figure, words


@picture
def histories(rows):
    """rows: name -> a history with loss, val_loss and val_accuracy, one an epoch."""
    figure, (left, right) = subplots(1, 2, figsize=(10, 3.2))
    for (name, history), color in zip(rows.items(), SERIES, strict=False):
        epochs = range(1, len(history["loss"]) + 1)
        left.semilogy(epochs, history["loss"], "o-", ms=3, color=color, label=name)
        left.semilogy(epochs, history["val_loss"], "o--", ms=3, color=color, alpha=0.5)
        right.plot(epochs, history["val_accuracy"], "o-", ms=3, color=color, label=f"{history['val_accuracy'][-1]:.1%}")
    left.set(xlabel="epoch", ylabel="loss (dashed: validation)", xticks=epochs)
    right.set(xlabel="epoch", ylabel="accuracy on validation images", xticks=epochs)
    right.yaxis.get_major_locator().set_params(steps=[1, 2, 5, 10])
    in_percent(right.yaxis)
    for axes in (left, right):
        axes.legend(frameon=False)
        plain(axes)
    last = {name: history["val_accuracy"][-1] for name, history in rows.items()}
    words = f"""Left the loss of training and of validation after each epoch, right the accuracy on validation images.
        In the end: {each(last, "{:.1%}")}."""
    return figure, words


@picture
def history(figure, rows):
    """A figure of a History that it has drawn itself. rows: name -> a number for each epoch."""
    import matplotlib.pyplot as plt

    plt.close(figure)  # pyplot would show it once more
    return figure, f"What was measured in each of {len(next(iter(rows.values())))} epochs: {spans(rows)}."


@picture
def stopping(train, val, stop):
    """train, val: losses, one an epoch; stop: the epoch at which early stopping said stop, or None."""
    figure, axes = subplots(figsize=(7, 3.2))
    epochs, best = np.arange(1, len(val) + 1), int(np.nanargmin(val[:stop])) + 1
    axes.plot(epochs, train, color=GREY, label="images it trains on")
    axes.plot(epochs, val, color=GREEN, ls="--", label="validation images")
    axes.plot(best, val[best - 1], "o", color=GREEN)
    axes.text(best, val[best - 1], f"\nbest: epoch {best}", color=GREEN, ha="center", va="top")
    if stop:
        axes.axvline(stop, color=RED, lw=1)
        axes.text(stop, max(val), f" stop, after epoch {stop}", color=RED, va="top")
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend(frameon=False)
    plain(axes)
    words = f"""Loss after each of {len(val)} epochs: {ends(train)} on images it trains on; on validation images it is
        least, {val[best - 1]:.3g}, after epoch {best}, and {val[-1]:.3g} in the end.
        {f"Early stopping says stop after epoch {stop}." if stop else ""}"""
    return figure, words


@picture
def parts(rows):
    """rows: name -> {part: seconds}. A bar each, divided by shares; the time of all behind it."""
    figure, axes = subplots(figsize=(9, 0.45 * len(rows) + 1.2))
    for y, seconds in enumerate(rows.values()):
        total, left = sum(seconds.values()), 0.0
        for (name, value), color in zip(seconds.items(), (GREY, BLUE, GREEN, ORANGE), strict=False):
            axes.barh(
                y, value / total, left=left, color=color, edgecolor=PAPER, height=0.75, label=name if y == 0 else None
            )
            if value / total > 0.03:
                middle = left + value / total / 2
                axes.text(middle, y, f"{value / total:.0%}", ha="center", va="center", color=PAPER, fontsize=8)
            left += value / total
        axes.text(1.01, y, f"{total * 1e3:.0f} ms", va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set(xlim=(0, 1), xlabel="share of an epoch's time")
    in_percent(axes.xaxis)
    axes.legend(frameon=False, ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9)
    axes.spines[["top", "right", "left"]].set_visible(False)
    words = f"""Bars of an epoch's time, divided by shares.
        {"; ".join(f"{name}: {each(shares_of(seconds), '{:.0%}')}" for name, seconds in rows.items())}."""
    return figure, words


# --- inside -------------------------------------------------------------------------------------


def _height(x, y):
    return (x**2 + 25 * y**2) / 2
