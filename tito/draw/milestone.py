"""The picture of a milestone's result: learning curves, confusions and the worst mistakes, or what a model writes."""

import numpy as np

from tito.draw.picture import BLUE, GREEN, GREY, INK, in_percent, plain

SHOWN = 20


def result(title, curves, guesses, labels, confidences, images, classes):
    """One figure, not shown anywhere: the caller saves it.

    curves: one dict an epoch, with epoch, loss, accuracy and test_accuracy
    guesses, labels: the class taken for each test image, and its true one; confidences: how sure that guess was, 0 to 1
    images: the test images, uint8 (n, height, width) or (n, height, width, 3)
    """
    from matplotlib.figure import Figure  # not at the top, because it takes long; not pyplot, which may want a screen

    counts = confusions(guesses, labels, len(classes))
    figure = Figure(figsize=(11, 10.5), layout="constrained")
    figure.suptitle(title, fontsize=13)
    grid = figure.add_gridspec(3, 2, height_ratios=[1, 1, 1], width_ratios=[1, 1.25])
    if curves:
        _curves(figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[1, 0]), curves)
    _confusions(figure.add_subplot(grid[:2, 1]), counts, classes)
    chosen = worst(guesses, labels, confidences)
    titles = [f"{classes[labels[i]]},\nnot {classes[guesses[i]]} ({confidences[i]:.0%})" for i in chosen]
    _mistakes(figure.add_subfigure(grid[2, :]), images[chosen], titles)
    return figure


def written(title, curves, sample):
    """One figure, not shown anywhere: the caller saves it.

    curves: one dict a point, with step, loss and val_loss; sample: what the model writes, a str
    """
    from matplotlib.figure import Figure  # not at the top, because it takes long; not pyplot, which may want a screen

    figure = Figure(figsize=(11, 6), layout="constrained")
    figure.suptitle(title, fontsize=13)
    left, right = figure.subplots(1, 2, width_ratios=[1, 1.1])
    steps = [point["step"] for point in curves]
    left.plot(steps, [point["loss"] for point in curves], "o-", color=GREY, label="while training")
    left.plot(steps, [point["val_loss"] for point in curves], "s-", color=BLUE, label="text it never saw")
    left.set(xlabel="step", ylabel="loss of a character, in nats")
    left.legend(frameon=False)
    plain(left)
    text = sample.replace("$", r"\$")  # else a pair of them begins a formula
    right.text(0, 1, text, transform=right.transAxes, va="top", family="monospace", fontsize=8)
    right.set_axis_off()
    return figure


def confusions(guesses, labels, classes):
    """How many images of each class (row) were taken for each class (column)."""
    pairs = labels.astype(np.int64) * classes + guesses
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes)


def worst(guesses, labels, confidences):
    """Indices of up to SHOWN mistakes, the surest first."""
    wrong = np.flatnonzero(guesses != labels)
    return wrong[np.argsort(-confidences[wrong], kind="stable")][:SHOWN]


def _curves(upper, lower, curves):
    epochs = [point["epoch"] for point in curves]
    upper.plot(epochs, [point["loss"] for point in curves], "o-", color=GREY)
    upper.set(ylabel="loss while training")
    lower.plot(epochs, [point["accuracy"] for point in curves], "o-", color=GREY, label="while training")
    lower.plot(epochs, [point["test_accuracy"] for point in curves], "s-", color=GREEN, label="images it never saw")
    lower.set(xlabel="epoch", ylabel="accuracy")
    in_percent(lower.yaxis)
    lower.legend(frameon=False, loc="lower right")
    for axes in (upper, lower):
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.set_xlim(0.5, epochs[-1] + 0.5)
        plain(axes)


def _confusions(axes, counts, classes):
    mistakes = np.where(np.eye(len(classes), dtype=bool), 0, counts)
    axes.imshow(mistakes, cmap="Reds", vmax=max(1, 1.5 * mistakes.max()))  # right ones would outshine everything
    for row, column in np.ndindex(*counts.shape):
        weight, color = ("bold", GREEN) if row == column else ("normal", INK)
        if counts[row, column]:
            axes.text(
                column, row, counts[row, column], ha="center", va="center", fontsize=8, weight=weight, color=color
            )
    numbers = range(len(classes))
    axes.set_xticks(numbers, classes, rotation=40, ha="right", rotation_mode="anchor")
    axes.set_yticks(numbers, classes)
    axes.set(xlabel="taken for", ylabel="true class")
    axes.set_title("test images: right ones green, mistakes red", fontsize=10)


def _mistakes(figure, images, titles):
    figure.suptitle("the worst mistakes: those it was surest of", fontsize=10)
    panels = figure.subplots(2, SHOWN // 2)
    for axes in panels.flat:
        axes.set_axis_off()
    for axes, image, title in zip(panels.flat, images, titles, strict=False):
        axes.imshow(image, cmap="gray_r", interpolation="nearest")
        axes.set_title(title, fontsize=8)
