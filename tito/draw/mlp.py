"""Pictures for MLP: digits, shapes, activations, learning curves, mistakes.

Every function draws one figure from plain arrays, which `@picture` shows with its words.
"""

import numpy as np

from tito.draw.picture import (
    BLUE,
    GREEN,
    GREY,
    ORANGE,
    RED,
    blank,
    divided,
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
from tito.draw.steady import in_turns as in_turns


@picture
def digits(images, labels, columns=10):
    """images (n, 784) as small pictures, `labels` above them; below, the first one as a layer gets it: one row."""
    rows = -(-len(images) // columns)
    figure = blank((columns * 0.9, rows * 1.05 + 0.9))
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[1] * rows + [0.45])
    for index, (image, label) in enumerate(zip(images, labels, strict=True)):
        _image(figure.add_subplot(grid[index // columns, index % columns]), image, title=str(label))
    strip = figure.add_subplot(grid[rows, :])
    strip.imshow(np.reshape(images[0], (1, -1)), cmap="gray_r", aspect="auto", interpolation="nearest")
    strip.set(yticks=[], xticks=[0, 783], xlabel="the first image as a layer sees it: 784 numbers in a row")
    strip.tick_params(labelsize=8)
    words = f"""{len(images)} handwritten digits with their labels, {listed(labels)}. Below, the first one as a strip:
        784 numbers in a row."""
    return figure, words


@picture
def linear_shapes(batch, in_features, out_features):
    """The arrays of a linear layer as rectangles with their shapes, and below them the gradients of a backward pass."""
    figure, (top, bottom) = subplots(2, 1, figsize=(10, 4.0))
    heights = _lengths(batch, in_features, out_features)
    parts = [
        ("x", "batch", "in", BLUE),
        ("weight", "out", "in", ORANGE),
        ("bias", None, "out", ORANGE),
        ("out", "batch", "out", GREEN),
    ]
    sizes = {"batch": batch, "in": in_features, "out": out_features}
    _rectangles(top, parts, sizes, heights, "forward: what goes in, and what comes out")
    gradients = [("grad\n(of out)", *parts[3][1:]), *((f"d{name}", *rest) for name, *rest in parts[:3])]
    title = "backward: grad goes in (x and weight are still there), and every input gets a gradient of its own shape"
    _rectangles(bottom, gradients[:1] + parts[:2] + gradients[1:], sizes, heights, title, pale=("x", "weight"))
    words = f"""Rectangles with their shapes. Forward: x ({batch}, {in_features}), weight ({out_features},
        {in_features}) and bias ({out_features},) give out ({batch}, {out_features}). Backward: grad, x and weight give
        dx, dweight and dbias, each of the shape of its input."""
    return figure, words


@picture
def step_sizes(eps, central, one_sided):
    """Error of a numeric derivative over the step, both axes logarithmic."""
    figure, axes = subplots(figsize=(7, 3.6))
    axes.loglog(eps, one_sided, "o-", color=GREY, label="(f(x + eps) - f(x)) / eps")
    axes.loglog(eps, central, "o-", color=BLUE, label="(f(x + eps) - f(x - eps)) / 2 eps")
    axes.set(xlabel="eps", ylabel="error of the derivative of exp at 1")
    axes.annotate("rounding wins", (0.03, 0.06), xycoords="axes fraction", color=GREY)
    axes.annotate("the curve bends", (0.97, 0.06), xycoords="axes fraction", color=GREY, ha="right")
    axes.legend(frameon=False)
    plain(axes)
    best = {"from both sides": central, "from one side": one_sided}
    found = listed(f"{min(e):.0e} at eps {eps[int(np.argmin(e))]:.0e} {how}" for how, e in best.items())
    words = f"""Error of the derivative of exp over eps, both axes logarithmic: large eps err because the curve bends,
        small ones because numbers are rounded. The smallest error is {found}."""
    return figure, words


@picture
def throughput(batches, gflops, flops_per_byte):
    """Measured speed of a linear layer over the size of the batch, each point with its FLOPs per byte."""
    figure, axes = subplots(figsize=(7, 3.6))
    axes.plot(batches, gflops, "o-", color=BLUE)
    for batch, speed, intensity in zip(batches, gflops, flops_per_byte, strict=True):
        axes.annotate(
            f"{intensity:.1f}", (batch, speed), xytext=(0, 7), textcoords="offset points", ha="center", color=GREY
        )
    axes.set_xscale("log", base=2)
    axes.set_xticks(batches, [str(batch) for batch in batches])
    axes.set(xlabel="batch (the grey numbers: FLOPs per byte moved)", ylabel="GFLOP/s, measured here")
    axes.set_ylim(0, max(gflops) * 1.18)
    plain(axes)
    words = f"""Speed of a linear layer over the size of the batch, {ends(batches)}: {ends(gflops)} GFLOP/s, while the
        FLOPs per byte go {ends(flops_per_byte, "{:.1f}")}."""
    return figure, words


@picture
def overflow(x, naive, stable):
    """Two ways to compute the same log-softmax value over growing logits; the naive one breaks off."""
    figure, axes = subplots(figsize=(7, 3.2))
    fine = np.isfinite(naive)
    axes.plot(x, stable, color=BLUE, label="what it should be")
    axes.plot(x[fine], naive[fine], "o", color=ORANGE, label="log(exp(x) / sum(exp(x))), float32")
    if not fine.all():
        axes.axvspan(x[np.argmin(fine)], x[-1], color=RED, alpha=0.12, lw=0)
        axes.text(x[np.argmin(fine)], max(stable), " inf or nan", va="top")
    axes.set(xlabel="t, for logits (0, t)", ylabel="log-softmax of the first")
    axes.legend(frameon=False, loc="lower left")
    plain(axes)
    until = "always" if fine.all() else f"until t = {x[np.argmin(fine)]:g}, where it becomes inf or nan"
    words = f"""The log-softmax of the first of two logits (0, t), for t {ends(x)}: the right value goes
        {ends(stable)}; the one by log(exp(x) / sum(exp(x))) in float32 follows it {until}."""
    return figure, words


@picture
def scales(curves):
    """curves: name -> standard deviation of the activations after 0, 1, 2, … layers."""
    figure, axes = subplots(figsize=(7, 3.8))
    for (name, stds), color in zip(curves.items(), [RED, GREY, BLUE, GREEN, ORANGE], strict=False):
        axes.semilogy(range(len(stds)), stds, "o-", color=color, label=name)
    axes.axhspan(0.1, 10, color=GREEN, alpha=0.08, lw=0)
    axes.set(xlabel="layer", ylabel="std of the activations", xticks=range(len(stds)))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    plain(axes)
    words = f"""Standard deviation of the activations, layer by layer, on a logarithmic axis:
        {spans(curves, "{:.2g}")}."""
    return figure, words


@picture
def curves(losses, train, test):
    """losses: one a step; train, test: accuracies, one an epoch."""
    figure, (left, right) = subplots(1, 2, figsize=(10, 3.4))
    width = max(1, len(losses) // 60)
    smooth = np.convolve(losses, np.ones(width) / width, mode="valid")
    left.plot(losses, color=BLUE, alpha=0.4, lw=0.6, label="each batch")
    left.plot(np.arange(len(smooth)) + width / 2, smooth, color=BLUE, label=f"mean of {width}")
    left.set(xlabel="step", ylabel="loss", yscale="log")
    epochs = range(1, len(test) + 1)
    right.plot(epochs, train, "o-", color=GREY, label="images it trained on")
    right.plot(epochs, test, "s-", color=GREEN, label="images it never saw")
    right.set(xlabel="epoch", ylabel="accuracy")
    in_percent(right.yaxis)
    for axes in (left, right):
        axes.legend(frameon=False)
        plain(axes)
    words = f"""Left the loss of {len(losses)} steps, smoothed {ends(smooth)}. Right the accuracy after each epoch:
        {ends(train, "{:.0%}")} on images it trained on, {ends(test, "{:.0%}")} on images it never saw."""
    return figure, words


@picture
def first_layer(weight, rows=3, columns=12):
    """Rows of a (hidden, 784) weight as 28x28 images: what each hidden unit looks for."""
    figure, panels = subplots(rows, columns, figsize=(columns * 0.75, rows * 0.8 + 0.4))
    limit = np.percentile(np.abs(weight), 99.5)
    for axes, row in zip(panels.flat, weight, strict=False):
        axes.imshow(row.reshape(28, 28), cmap="RdBu_r", vmin=-limit, vmax=limit)
    for axes in panels.flat:
        axes.set_axis_off()
    panels[0, 0].figure.suptitle(
        "what hidden units look for: ink where it is red counts for, where it is blue against", fontsize=10
    )
    words = f"""The weights of {min(rows * columns, len(weight))} hidden units as images of 28 by 28 pixels: red where
        ink counts for the unit, blue where ink counts against it."""
    return figure, words


@picture
def mistakes(images, labels, probabilities, count=12):
    """The test images on which the model was surest and wrong."""
    said, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    worst = np.argsort(np.where(said != labels, -sure, 1.0), kind="stable")[: min(count, int(np.sum(said != labels)))]
    columns = 6
    rows = max(1, -(-len(worst) // columns))
    figure, panels = subplots(rows, columns, figsize=(columns * 1.35, rows * 1.6), squeeze=False)
    for axes in panels.flat:
        axes.set_axis_off()
    for axes, index in zip(panels.flat, worst, strict=False):
        title = f"a {labels[index]}, read as {said[index]}\n({sure[index]:.0%} sure)"
        _image(axes, images[index], title=title)
    told = listed(f"{labels[i]} taken for {said[i]}" for i in worst) if len(worst) else "none"
    return figure, f"The test images on which the model was surest and wrong: {told}."


@picture
def guess(image, probabilities):
    """An image (784,), and beside it how sure a model is of each digit."""
    figure, (left, right) = subplots(1, 2, figsize=(7, 2.4), width_ratios=[1, 2.2])
    _image(left, image)
    best = int(np.argmax(probabilities))
    right.bar(range(10), probabilities, color=[ORANGE if digit == best else BLUE for digit in range(10)])
    right.set(xticks=range(10), ylim=(0, 1), ylabel="probability", title=f"read as {best}")
    plain(right)
    return figure, f"A drawn digit. The model reads it as {best}, and is {probabilities[best]:.0%} sure."


@picture
def shares(seconds):
    """seconds: name -> time. One bar, divided; each part with its share and its time."""
    figure, axes = subplots(figsize=(9, 1.7))
    divided(axes, seconds)
    axes.set(xlabel="share of an epoch's time")
    return figure, f"A bar, divided by shares of the time: {each(shares_of(seconds), '{:.0%}')}."


# --- inside -------------------------------------------------------------------------------------


def _image(axes, image, title=""):
    axes.imshow(np.reshape(image, (28, 28)), cmap="gray_r", interpolation="nearest")
    axes.set_title(title, fontsize=9)
    axes.set(xticks=[], yticks=[])


def _lengths(*sizes):
    """Drawn lengths that grow with the size, but much slower: 784 and 10 must fit on one picture."""
    return {size: 0.5 + 0.42 * np.log2(size) ** 0.8 for size in sizes}


def _rectangles(axes, parts, sizes, lengths, title, pale=()):
    from matplotlib.patches import Rectangle

    left = 0.0
    for name, rows, columns, color in parts:
        height = lengths[sizes[rows]] if rows else 0.28
        width = lengths[sizes[columns]]
        shape = f"({sizes[rows]}, {sizes[columns]})" if rows else f"({sizes[columns]},)"
        alpha = 0.25 if name in pale else 0.75
        axes.add_patch(Rectangle((left, -height / 2), width, height, facecolor=color, alpha=alpha, edgecolor=color))
        axes.text(left + width / 2, -height / 2 - 0.12, shape, ha="center", va="top", fontsize=9)
        axes.text(left + width / 2, height / 2 + 0.1, name, ha="center", va="bottom", fontsize=10)
        left += width + 1.1
    tallest = max(lengths.values())
    axes.set(xlim=(-0.3, left - 0.7), ylim=(-tallest / 2 - 0.5, tallest / 2 + 0.5))
    axes.set_aspect("equal")
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_axis_off()
