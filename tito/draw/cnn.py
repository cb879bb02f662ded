"""Pictures for CNN: what a filter sees, patches, gradients on their way back, receptive fields, feature maps.

Every function draws one figure from plain arrays, which `@picture` shows with its words.
"""

import numpy as np

from tito.draw.mlp import curves
from tito.draw.picture import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PALE,
    PAPER,
    RED,
    blank,
    ink_on,
    listed,
    picture,
    plain,
    slider,
    spans,
    subplots,
    tinted,
)
from tito.draw.steady import in_turns

__all__ = [
    "CLASSES",
    "curves",
    "feature_maps",
    "filters",
    "in_turns",
    "patches",
    "photos",
    "positions",
    "receptive_field",
    "saliency",
    "scales",
    "seven_loops",
    "slider",
    "speeds",
    "spread",
]

COLORS = [GREY, BLUE, ORANGE, GREEN, RED, INK]  # of layers, which their places tell apart, too
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


@picture
def photos(images, labels, columns=10):
    """images (n, 3, 32, 32) of uint8, with the names of their classes; below, the first one as three channels."""
    rows = -(-len(images) // columns)
    figure = blank((columns * 1.0, rows * 1.2 + 1.5))
    grid = figure.add_gridspec(rows + 1, columns, height_ratios=[1] * rows + [1.25])
    for index, (image, label) in enumerate(zip(images, labels, strict=True)):
        _photo(figure.add_subplot(grid[index // columns, index % columns]), image, CLASSES[label])
    lower = grid[rows, :].subgridspec(1, 6, width_ratios=[1.2, 1, 1, 1, 1, 1.2])
    _photo(figure.add_subplot(lower[1]), images[0], "the first one")
    for channel, name in enumerate(["Reds", "Greens", "Blues"]):
        axes = figure.add_subplot(lower[2 + channel])
        axes.imshow(images[0][channel], cmap=f"{name}_r", vmin=0, vmax=255)
        axes.set_title(f"channel {channel}, {['red', 'green', 'blue'][channel]}", fontsize=9)
        axes.set(xticks=[], yticks=[])
    words = f"""{len(images)} photographs: {listed(CLASSES[label] for label in labels)}. Below, the first one as three
        channels: red, green, blue."""
    return figure, words


@picture
def seven_loops(rows, columns, kernel_size, padding, at):
    """Which loop moves what: a patch of the padded image, a filter, one number of the result."""
    figure, axes = subplots(figsize=(11, 4.3))
    (i, j), k, depth = at, kernel_size, 0.3  # by how much what lies behind is shifted
    high, wide = rows + 2 * padding, columns + 2 * padding
    for c in reversed(range(3)):  # the nearest channel is drawn last
        for y, x in np.ndindex(high, wide):
            inside = padding <= y < rows + padding and padding <= x < columns + padding
            in_patch = i <= y < i + k and j <= x < j + k
            color = ORANGE if in_patch else BLUE if inside else PAPER
            zero = "0" if c == 0 and not inside and not in_patch else ""
            _square(axes, x + depth * c, y - depth * c, color, 0.55 if in_patch else 0.3, zero)
    start, top = wide + 3.0, (high - k) / 2
    for c in reversed(range(3)):
        for y, x in np.ndindex(k, k):
            _square(axes, start + x + depth * c, top + y - depth * c, ORANGE, 0.55)
    end, out_high, out_wide = start + k + 3.6, high - k + 1, wide - k + 1
    out_top = (high - out_high) / 2
    for o in reversed(range(4)):
        for y, x in np.ndindex(out_high, out_wide):
            here = o == 0 and (y, x) == (i, j)
            _square(axes, end + x + depth * o, out_top + y - depth * o, GREEN, 0.95 if here else 0.3)

    _frame(axes, j, i, k, k, ORANGE)
    _arrow(axes, (j + k, i + k / 2), (1, 0), 0.55, "j", GREEN)  # from here on: where, which way, how far
    _arrow(axes, (j + k / 2, i + k), (0, 1), 0.55, "i", GREEN)
    _arrow(axes, (start - 0.3, top), (0, 1), k - 0.4, "a", ORANGE)
    _arrow(axes, (start, top + k + 0.35), (1, 0), k - 0.4, "b", ORANGE)
    _arrow(axes, (start + k + 0.3, top + k - 0.1), (0.7, -0.7), 0.8, "c", ORANGE)
    right = end + out_wide
    _arrow(axes, (end + j + 1, out_top + i + 0.5), (1, 0), 0.55, "j", GREEN)
    _arrow(axes, (end + j + 0.5, out_top + i + 1), (0, 1), 0.55, "i", GREEN)
    _arrow(axes, (right + 0.3, out_top + out_high - 0.1), (0.7, -0.7), 1.1, "o", BLUE)
    for x, text in [(start - 1.35, r"$\times$"), (end - 1.1, "=")]:
        axes.text(x, high / 2, text, ha="center", va="center", fontsize=22, color=INK)
    for x, text in [
        (
            wide / 2,
            f"x[n], padded by {padding}: the loops i, j move the window,\nand a, b, c walk through what is under it",
        ),
        (start + k / 2, "weight[o]: a, b, c walk\nthrough it in step, and add up"),
        (end + out_wide / 2, "out[n]: i, j say where the sum goes,\no, into which map; n: the next photograph"),
    ]:
        axes.text(x, high + 0.5, text, ha="center", va="top", fontsize=9, color=INK)
    axes.set(xlim=(-0.6, right + 2.3), ylim=(high + 1.9, -1.0))
    axes.set_aspect("equal")
    axes.set_axis_off()
    words = f"""Three blocks of squares. Left the image of {rows} by {columns} pixels, padded by {padding}, with an
        orange window over a patch of it: the loops i and j move the window. In the middle the filter, {kernel_size} by
        {kernel_size}: a, b and c walk through it and the patch in step. Right the results: i and j say where, o in
        which map."""
    return figure, words


@picture
def filters(image, weight, maps, names):
    """A photograph (3, H, W), the weights (O, 3, KH, KW) of some filters, and the feature maps (O, H, W) they make."""
    figure, panels = subplots(2, len(weight) + 1, figsize=(2.6 * len(weight) + 2.4, 4.3), height_ratios=[1, 2.2])
    panels[0, 0].set_axis_off()
    _photo(panels[1, 0], image, "the photograph")
    largest = np.abs(weight).max()
    for upper, lower, filter_, seen, name in zip(panels[0, 1:], panels[1, 1:], weight, maps, names, strict=True):
        upper.imshow(filter_[0], cmap="RdBu_r", vmin=-largest, vmax=largest)
        for (a, b), value in np.ndenumerate(filter_[0]):
            color = PAPER if abs(value) > 0.6 * largest else INK
            upper.text(b, a, f"{value:.2f}", ha="center", va="center", fontsize=8, color=color)
        upper.set_title(name, fontsize=10)
        if filter_.min() < 0:  # what differs: above 0 is red, below is blue
            limit = np.percentile(np.abs(seen), 99)
            lower.imshow(seen, cmap="RdBu_r", vmin=-limit, vmax=limit)
        else:
            lower.imshow(seen, cmap="gray")
        lower.set_title("its feature map", fontsize=9)
        for axes in (upper, lower):
            axes.set(xticks=[], yticks=[])
    words = f"""A photograph and the numbers of {len(weight)} filters, each above the feature map that it makes:
        {listed(names)}."""
    return figure, words


@picture
def positions(size, kernel_size, stride, padding):
    """An axis of `size` pixels, with its zeros, and below it every position of a window."""
    length = size + 2 * padding
    starts = range(0, length - kernel_size + 1, stride)
    unseen = [x for x in range(padding, padding + size) if all(not 0 <= x - start < kernel_size for start in starts)]
    figure, axes = subplots(figsize=(9, 0.9 + 0.42 * (len(starts) + 1)))
    for x in range(length):
        pixel = padding <= x < padding + size
        color, name = (PALE if x in unseen else BLUE, f"x{x - padding}") if pixel else (PAPER, "0")
        _square(axes, x, 0, color, 0.3 if color == BLUE else 1, name)
    for number, start in enumerate(starts):
        for x in range(start, start + kernel_size):
            _square(axes, x, number + 1.4, ORANGE, 0.45)
        _square(axes, length + 1.5, number + 1.4, GREEN, 0.3, number)
        axes.text(length + 0.9, number + 1.9, "→", ha="center", va="center", color=INK)
    axes.text(length + 1.5, 0.55, f"{len(starts)} results", va="center", fontsize=9, color=INK)
    axes.set(xlim=(-0.3, length + 4.5), ylim=(len(starts) + 1.8, -0.3))
    axes.set_aspect("equal")
    axes.set_axis_off()
    words = f"""An axis of {size} pixels; zeros at each end: {padding}. A window of {kernel_size} that moves on by
        {stride} has {len(starts)} positions, drawn one below the other, each with its result.
        Number of pixels that no window sees: {len(unseen)}."""
    return figure, words


@picture
def patches(size, kernel_size):
    """A small image, three of its patches, and all patches as the rows of a matrix, next to a filter as a column."""
    figure, axes = subplots(figsize=(10, 3.9))
    count = size - kernel_size + 1
    image = np.arange(size * size).reshape(size, size)
    shown = {(0, 0): BLUE, (0, 1): ORANGE, (count - 1, count - 1): GREEN}
    for y, x in np.ndindex(size, size):
        _square(axes, x, y + 2, PAPER, 1, image[y, x])
    for step, ((i, j), color) in enumerate(shown.items()):
        gap = 0.05 + 0.05 * step
        _frame(axes, j + gap, i + 2 + gap, kernel_size - 2 * gap, kernel_size - 2 * gap, color)
    left = size + 2.0
    for number, (i, j) in enumerate(np.ndindex(count, count)):
        patch = image[i : i + kernel_size, j : j + kernel_size].ravel()
        color = shown.get((i, j), PALE)
        for place, value in enumerate(patch):
            _square(axes, left + place, number, color, 0.45 if (i, j) in shown else 0.6, value)
        axes.text(left - 0.2, number + 0.5, f"{i}, {j}", ha="right", va="center", fontsize=8, color=GREY)
    column = left + kernel_size**2 + 1.5
    for place in range(kernel_size**2):
        for o in range(2):
            _square(axes, column + o, place, RED, 0.3, f"w{place}" if o == 0 else "")
    result = column + 3.7
    for number, (i, j) in enumerate(np.ndindex(count, count)):
        for o in range(2):
            _square(axes, result + o, number, shown.get((i, j), PALE), 0.7)
    bottom = max(count**2, kernel_size**2) + 0.3
    for x, text in [
        (size / 2, "an image (one channel);\nthe numbers count its pixels"),
        (
            left + kernel_size**2 / 2,
            f"every patch as a row:\n{count**2 * kernel_size**2} numbers out of {size**2} pixels",
        ),
        (column + 1, "every filter\nas a column"),
        (result + 1, "every filter\non every patch"),
    ]:
        axes.text(x, bottom, text, ha="center", va="top", fontsize=9, color=INK)
    for x, text in [(column - 0.75, "@"), (result - 0.85, "=")]:
        axes.text(x, count**2 / 2, text, ha="center", va="center", fontsize=16, color=INK)
    axes.set(xlim=(-0.3, result + 3.2), ylim=(bottom + 1.5, -0.3))
    axes.set_aspect("equal")
    axes.set_axis_off()
    words = f"""An image of {size} by {size} numbers; its {count**2} patches of {kernel_size} by {kernel_size} as the
        rows of a matrix, which is multiplied by a matrix with a filter in each column. Three patches are framed in the
        image and coloured in the matrix."""
    return figure, words


@picture
def scales(curves):
    """curves: name -> standard deviation of the activations after each layer."""
    figure, axes = subplots(figsize=(7, 3.4))
    for (name, stds), color in zip(curves.items(), [RED, BLUE, GREY], strict=False):
        axes.semilogy(range(1, len(stds) + 1), stds, "o-", color=color, label=name)
    axes.axhspan(0.1, 10, color=GREEN, alpha=0.08, lw=0, label="0.1 to 10: neither lost nor too large")
    axes.set(xlabel="layer", ylabel="std of the activations", xticks=range(1, len(stds) + 1))
    axes.legend(frameon=False, loc="lower left")
    plain(axes)
    words = f"""Standard deviation of the activations after each layer, on a logarithmic axis:
        {spans(curves, "{:.2g}")}. A green band from 0.1 to 10 marks what is neither lost nor too large."""
    return figure, words


@picture
def speeds(seconds, flops):
    """seconds: way of computing it -> time. Bars on a logarithmic axis, with the FLOPs done per second."""
    figure, axes = subplots(figsize=(9, 0.62 * len(seconds) + 0.9))
    slowest = max(seconds.values())
    for row, (value, color) in enumerate(zip(seconds.values(), [GREY, ORANGE, BLUE, GREEN], strict=False)):
        axes.barh(row, value * 1e3, color=color, height=0.62)
        rate = flops / value / 1e9
        rate = f"{rate:.0f} GFLOP/s" if rate >= 10 else f"{rate:.2g} GFLOP/s"
        factor = "" if value == slowest else f", {slowest / value:,.0f} times as fast"
        axes.text(value * 1.15e3, row, f"{_time(value)}, {rate}{factor}", va="center", fontsize=9)
    axes.set_xscale("log")
    fastest = min(seconds.values())
    axes.set_xlim(fastest * 0.4e3, slowest * 1e3 * (slowest / fastest) ** 0.35)
    axes.set_yticks(range(len(seconds)), list(seconds))
    axes.set_xlabel("milliseconds, measured here; each mark ten times the last")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    words = f"""Time of a convolution on a logarithmic axis:
        {listed(f"{name} {_time(value)}" for name, value in seconds.items())}."""
    return figure, words


@picture
def spread(size, kernel_size, options):
    """For each (stride, padding): where the numbers of grad lie, with the turned filter on it for two pixels of x."""
    figure, panels = subplots(1, len(options), figsize=(3.7 * len(options), 4.75))
    side, last = size + kernel_size - 1, kernel_size - 1
    for axes, (stride, padding) in zip(panels, options, strict=True):
        count = (size + 2 * padding - kernel_size) // stride + 1
        offset = last - padding
        places = {(offset + i * stride, offset + j * stride): f"g{i}{j}" for i, j in np.ndindex(count, count)}
        for y, x in np.ndindex(side, side):
            _square(axes, x, y, GREEN if (y, x) in places else PAPER, 0.5)
        at = size // 2
        weights = {(at + a, at + b): f"w{last - a}{last - b}" for a, b in np.ndindex(kernel_size, kernel_size)}
        for y, x in np.ndindex(side, side):
            lifted = 0.36 if (y, x) in weights else 0.53
            text, color = places.get((y, x), "0"), INK
            axes.text(x + 0.5, y + lifted, text, ha="center", va="center", fontsize=8, color=color)
        for (y, x), text in weights.items():
            axes.text(x + 0.5, y + 0.72, text, ha="center", va="center", fontsize=7, style="italic")
        _frame(axes, 0.07, 0.07, kernel_size - 0.14, kernel_size - 0.14, ORANGE)
        _frame(axes, at + 0.04, at + 0.04, kernel_size - 0.08, kernel_size - 0.08, BLUE)
        title = f"stride {stride}, padding {padding}\ngrad {count}x{count} spread over {side}x{side}"
        axes.set_title(title, fontsize=10)
        axes.set(xlim=(-0.2, side + 0.2), ylim=(side + 0.2, -0.2))
        axes.set_aspect("equal")
        axes.set_axis_off()
    text = (
        f"x has {size}x{size} pixels. The blue window makes the gradient of the middle one: the sum of g times w, "
        f"the filter turned, w{last}{last} first.\nThe orange window makes that of the first pixel, in the same way."
    )
    panels[0].figure.supxlabel(text, fontsize=10)
    words = f"""How grad is spread for {listed(f"stride {stride}, padding {padding}" for stride, padding in options)}:
        a grid of {side} by {side} squares with the numbers of grad on green ones and 0 between them. The turned filter
        lies on it, in blue for the middle pixel, in orange for the first one. {text}"""
    return figure, words


@picture
def receptive_field(image, layers):
    """How far the last number at the image's middle sees, layer by layer: on the photograph, and along one axis."""
    figure, (left, right) = subplots(1, 2, figsize=(10.5, 3.9), width_ratios=[1, 1.7])
    # From the last layer down: which numbers of each layer the one number on top was made from (first, last).
    spans = [(0, 0)]
    for kernel_size, stride in reversed(layers):
        first, last = spans[0]
        spans.insert(0, (first * stride, last * stride + kernel_size - 1))
    steps = np.cumprod([1, *(stride for _, stride in layers)])
    starts = np.array(
        [sum((k - 1) / 2 * steps[i] for i, (k, _) in enumerate(layers[:d])) for d in range(len(layers) + 1)]
    )
    colors = [COLORS[depth % len(COLORS)] for depth in range(len(layers) + 1)]
    fields = [1]
    for depth, (kernel_size, _) in enumerate(layers):
        fields.append(fields[-1] + int((kernel_size - 1) * steps[depth]))
    for depth, (first, last) in enumerate(spans):
        numbers = np.arange(first, last + 1)
        right.scatter(
            starts[depth] + numbers * steps[depth], np.full(len(numbers), depth), s=26, color=colors[depth], zorder=3
        )
        if depth < len(layers):
            kernel_size, stride = layers[depth]
            for above in np.arange(spans[depth + 1][0], spans[depth + 1][1] + 1):
                top = starts[depth + 1] + above * steps[depth + 1]
                for below in above * stride + np.arange(kernel_size):
                    right.plot(
                        [starts[depth] + below * steps[depth], top], [depth, depth + 1], color=GREY, lw=0.5, alpha=0.6
                    )
    names = [f"{k}x{k}, stride {stride}: sees {field}" for (k, stride), field in zip(layers, fields[1:], strict=True)]
    right.set_yticks(range(len(layers) + 1), ["pixels", *names])
    right.set_xlabel(f"one axis of the photograph: {spans[0][1] - spans[0][0] + 1} pixels for one number at the top")
    right.spines[["top", "right", "left"]].set_visible(False)
    right.tick_params(left=False)

    _photo(left, image, "what one number saw after each layer")
    middle = image.shape[1] / 2 - 0.5
    for field, color in zip(fields[1:], colors[1:], strict=True):
        _frame(left, middle - field / 2, middle - field / 2, field, field, color, thick=2)
    words = f"""A photograph with a frame for each layer: what one number saw. Beside it the layers from the pixels up:
        {listed(names)}."""
    return figure, words


@picture
def feature_maps(image, stages, columns=12):
    """A photograph, and below it some maps of each stage: stages is a list of arrays (C, H, W)."""
    figure = blank((columns * 0.85 + 1.5, 0.98 * len(stages) + 0.3))
    grid = figure.add_gridspec(len(stages), columns + 2)
    _photo(figure.add_subplot(grid[:, :2]), image, "the photograph")
    for row, maps in enumerate(stages):
        strongest = np.sort(np.argsort(-maps.std(axis=(1, 2)), kind="stable")[:columns])
        for column, channel in enumerate(strongest):
            axes = figure.add_subplot(grid[row, column + 2])
            axes.imshow(maps[channel], cmap="magma")
            axes.set(xticks=[], yticks=[])
            if column == 0:
                size = "x".join(map(str, maps.shape[1:]))
                title = f"block {row + 1}: {len(strongest)} of {len(maps)} maps, {size}"
                axes.set_title(" ", fontsize=9)  # keeps the room; the text itself is wider than one map
                label = {"xycoords": "axes fraction", "xytext": (0, 4), "textcoords": "offset points"}
                axes.annotate(title, (0, 1), **label, fontsize=9).set_in_layout(False)
    words = f"""A photograph and some of the feature maps after each block:
        {listed(" x ".join(map(str, maps.shape)) for maps in stages)}."""
    return figure, words


@picture
def saliency(images, slopes, guesses, labels):
    """Photographs (n, 3, H, W), what they are taken for, and what they are; below each, how much every pixel counts."""
    figure, panels = subplots(2, len(images), figsize=(len(images) * 1.35, 3.5), squeeze=False)
    for top, bottom, image, slope, guess, label in zip(*panels, images, slopes, guesses, labels, strict=True):
        _photo(top, image, f"said {CLASSES[guess]},\nis {CLASSES[label]}")
        bottom.imshow(slope, cmap="magma")
        bottom.set(xticks=[], yticks=[])
    figure.supxlabel("the brighter a pixel, the more it moves the answer", fontsize=9)
    said = [f"said {CLASSES[guess]}, is {CLASSES[label]}" for guess, label in zip(guesses, labels, strict=True)]
    words = f"""{len(images)} photographs: {listed(said)}.
        Below each, a map of its pixels: the brighter a pixel, the more it moves the model's answer."""
    return figure, words


# --- inside -------------------------------------------------------------------------------------


def _photo(axes, image, title=""):
    axes.imshow(np.transpose(image, (1, 2, 0)), interpolation="nearest")
    axes.set_title(title, fontsize=9)
    axes.set(xticks=[], yticks=[])


def _square(axes, x, y, color, alpha, text=""):
    from matplotlib.patches import Rectangle

    shade = tinted(color, alpha)
    axes.add_patch(Rectangle((x, y), 1, 1, facecolor=shade, edgecolor=GREY, lw=0.6))
    if text != "":
        axes.text(x + 0.5, y + 0.53, text, ha="center", va="center", fontsize=8, color=ink_on(shade))


def _frame(axes, x, y, width, height, color, thick=2.4):
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=color, lw=thick, zorder=4))


def _arrow(axes, start, direction, length, letter, color):
    tip, beyond = (np.array(start) + distance * np.array(direction) for distance in (length, length + 0.3))
    style = {"arrowstyle": "-|>", "color": color, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", tip, start, arrowprops=style, zorder=5)
    box = {"boxstyle": "circle,pad=0.18", "facecolor": PAPER, "edgecolor": color}
    axes.text(*beyond, letter, ha="center", va="center", fontsize=10, color=INK, bbox=box, zorder=6)


def _time(seconds):
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1e3:.3g} ms"
