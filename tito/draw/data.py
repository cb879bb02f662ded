"""Pictures for Data: bytes of files, images, orders of epochs, where time goes, what threads do.

Every function draws one figure from plain data, which `@picture` shows with its words. `Stopwatch` and
`Timeline` measure, and draw what they have measured.
"""

import threading
import time
from contextlib import contextmanager

import numpy as np

from tito.draw.picture import (
    BLUE,
    FORMS,
    GREEN,
    GREY,
    ORANGE,
    PAPER,
    RED,
    blank,
    divided,
    each,
    in_percent,
    listed,
    picture,
    plain,
    shares_of,
    spans,
    subplots,
)
from tito.draw.steady import in_turns as in_turns
from tito.draw.steady import second_core as second_core
from tito.draw.steady import typical as typical

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


@picture
def idx_bytes(images, labels):
    """The first bytes of the unpacked file of images and of that of labels, one box a byte, and what they mean."""
    figure, panels = subplots(2, 1, figsize=(10, 3.2))
    for axes, raw, title in zip(panels, (images, labels), ("images", "labels"), strict=True):
        parts = [("always 0", 2, GREY), ("bytes", 1, RED), (f"{raw[3]} axes" if raw[3] > 1 else "1 axis", 1, ORANGE)]
        for axis in range(raw[3]):
            length = int.from_bytes(raw[4 + 4 * axis : 8 + 4 * axis], "big")
            parts.append((f"axis {axis}: {length}", 4, BLUE))
        start = 4 + 4 * raw[3]
        rest = 24 - start
        parts.append(("labels" if raw[3] == 1 else "pixels (black at the edge)", rest, GREEN))
        place = 0
        for name, count, color in parts:
            for byte in raw[place : place + count]:
                _box(axes, place, byte, color)
                place += 1
            middle = place - (count + 1) / 2
            axes.plot([place - count - 0.42, place - 0.58], [-0.62, -0.62], color=color, lw=2)
            lower = 0.45 if name == "bytes" else 0  # its neighbours would touch it
            axes.text(middle, -0.75 - lower, name, ha="center", va="top", color=color, fontsize=9)
        axes.text(place - 0.4, 0, f"… {len(raw):,} bytes in all", va="center", fontsize=9, color=GREY)
        axes.set(xlim=(-0.6, 28.5), ylim=(-1.75, 0.6))
        axes.set_title(f"the file of {title}", fontsize=10, loc="left")
        axes.set_axis_off()
    words = f"""The first 24 bytes of the files of images and of labels, a box each. Images: {listed(images[:16])};
        labels: {listed(labels[:8])}. After two zeros come the type, the number of axes, and 4 bytes for the length of
        each axis; then the data."""
    return figure, words


@picture
def record(raw):
    """One record of CIFAR-10: its bytes as a strip, the three planes, and the image that they make."""
    figure = blank((10, 3.6))
    grid = figure.add_gridspec(2, 4, height_ratios=[0.28, 1])
    strip = figure.add_subplot(grid[0, :])
    parts = [("label", 110, GREY), ("red: 1024", 1024, RED), ("green: 1024", 1024, GREEN), ("blue: 1024", 1024, BLUE)]
    left = 0
    for name, width, color in parts:
        strip.barh(0, width, left=left, color=color, edgecolor=PAPER)
        text = str(raw[0]) if name == "label" else name
        strip.text(left + width / 2, 0, text, ha="center", va="center", color=PAPER)
        left += width
    strip.set_title(f"3073 bytes: the label ({raw[0]}, {CLASSES[raw[0]]}), then three planes", fontsize=10, loc="left")
    strip.set(xlim=(0, left))
    strip.set_axis_off()
    image = np.frombuffer(raw, np.uint8, offset=1).reshape(3, 32, 32)
    for index, (name, cmap) in enumerate({"red": "Reds_r", "green": "Greens_r", "blue": "Blues_r"}.items()):
        axes = figure.add_subplot(grid[1, index])
        axes.imshow(image[index], cmap=cmap, vmin=0, vmax=255)
        _bare(axes, f"{name}, (32, 32)")
    axes = figure.add_subplot(grid[1, 3])
    axes.imshow(image.transpose(1, 2, 0))
    _bare(axes, "together, (3, 32, 32)")
    words = f"""A record of CIFAR-10 as a strip: one byte for the label, {raw[0]}, and 1024 each for red, green and
        blue. Below it the three planes and the image that they make: {CLASSES[raw[0]]}."""
    return figure, words


@picture
def images(colour, digits):
    """Two rows of items (image, label): colour images with the names of their classes, and digits."""
    figure, panels = subplots(2, len(colour), figsize=(10, 2.1))
    for axes, (image, label) in zip(panels[0], colour, strict=True):
        _show(axes, image)
        _bare(axes, CLASSES[label], size=7.5)
    for axes, (image, label) in zip(panels[1], digits, strict=True):
        _show(axes, image)
        _bare(axes, str(label), size=7.5)
    words = f"""{len(colour)} colour images: {listed(CLASSES[label] for _, label in colour)}. {len(digits)} digits:
        {listed(label for _, label in digits)}."""
    return figure, words


@picture
def scales(before, after):
    """How the pixels of (N, 3, H, W) images are distributed in each channel, before and after normalising."""
    figure, panels = subplots(1, 2, figsize=(10, 2.9))
    for axes, pixels, title in zip(panels, (before, after), ("as they come", "normalised"), strict=True):
        for channel, (name, color) in enumerate({"red": RED, "green": GREEN, "blue": BLUE}.items()):
            values = pixels[:, channel].ravel()
            heights, edges = np.histogram(values, bins=32, density=True)
            axes.plot((edges[:-1] + edges[1:]) / 2, heights, color=color, label=name)
            axes.axvline(values.mean(), color=color, lw=0.8, ls="--")
        axes.set_title(title, fontsize=10, loc="left")
        axes.set(xlabel="value of a pixel (dashed: means)", yticks=[], ylim=(0, None))
        plain(axes)
    panels[0].legend(frameon=False)
    means = [listed(f"{pixels[:, channel].mean():.2f}" for channel in range(3)) for pixels in (before, after)]
    words = f"""How often each value of a pixel occurs, in red, green and blue. As they come the means are {means[0]};
        normalised, {means[1]}."""
    return figure, words


@picture
def augmented(originals, rows):
    """Each original image, and next to it what it looks like in eight epochs."""
    count = len(rows[0])
    figure, panels = subplots(len(rows), count + 2, figsize=(10, 1.15 * len(rows)), width_ratios=[1, 0.3, *[1] * count])
    for number, (line, original, changed) in enumerate(zip(panels, originals, rows, strict=True)):
        _show(line[0], original)
        _bare(line[0], "original" if number == 0 else "", size=9)
        line[1].set_axis_off()
        for epoch, (axes, image) in enumerate(zip(line[2:], changed, strict=True)):
            _show(axes, image)
            _bare(axes, f"epoch {epoch}" if number == 0 else "", size=9)
    words = f"""{len(originals)} images, each beside what a loader makes of it in {count} epochs."""
    return figure, words


@picture
def orders(epochs):
    """Lists of batches of indices, one list a row: each index a square, from dark (0) to light (the last one)."""
    figure, axes = subplots(figsize=(10, 0.42 * len(epochs) + 0.9))
    largest = max(int(np.max(batch)) for batch in epochs[0])
    import matplotlib

    colors = matplotlib.colormaps["viridis"]
    for row, batches in enumerate(epochs):
        place = 0.0
        for batch in batches:
            for index in batch:
                axes.add_patch(_rectangle(place, row - 0.36, 0.94, 0.72, colors(int(index) / largest)))
                place += 1
            place += 0.8
    names = ["in order", *(f"epoch {number}" for number in range(len(epochs) - 1))]
    axes.set_yticks(range(len(epochs)), names)
    axes.set(xlim=(-0.3, place), ylim=(len(epochs) - 0.5, -0.5), xticks=[], xlabel="items, batch after batch")
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    words = f"""A row of squares for each epoch, one for each of {largest + 1} items, in batches; the lighter, the
        later in the file. In order they go from dark to light; in {len(epochs) - 1} shuffled epochs dark and light
        ones are mixed, in each in another way."""
    return figure, words


@picture
def speedup(counts, times):
    """times: name -> seconds for each number of threads in `counts`. Drawn: how many times as fast as with one."""
    figure, axes = subplots(figsize=(8.5, 3.6))
    for (name, seconds), color, form in zip(times.items(), [BLUE, GREEN, ORANGE, RED], FORMS, strict=False):
        axes.plot(counts, [seconds[0] / t for t in seconds], f"{form}-", color=color, label=name)
    axes.axhline(1, color=GREY, lw=0.8)
    _log2(axes.xaxis, axes.set_xticks, counts)
    low, high = axes.get_ylim()
    axes.set_yscale("log", base=2)
    ticks = [tick for tick in (0.125, 0.25, 0.5, 1, 2, 4, 8) if tick > low / 2 and tick < high * 1.5]
    axes.set_yticks(ticks, [f"{tick:g}x" for tick in ticks])
    axes.set(xlabel="threads", ylabel="as fast as one thread")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    plain(axes)
    most = {name: seconds[0] / seconds[-1] for name, seconds in times.items()}
    words = f"""How many times as fast as one thread, for {listed(counts)} threads. With {counts[-1]}:
        {each(most, "{:.2g}")}."""
    return figure, words


@picture
def throughput(workers, speeds, image_bytes):
    """speeds: name -> images per second for each number of worker threads; on the right, the same in bytes."""
    figure, axes = subplots(figsize=(8.5, 3.4))
    places = range(len(workers))
    for (name, values), color in zip(speeds.items(), [BLUE, ORANGE], strict=False):
        axes.plot(places, values, "o-", color=color, label=name)
        for place, value in zip(places, values, strict=True):
            axes.annotate(
                f"{value:,.0f}", (place, value), xytext=(0, 7), textcoords="offset points", ha="center", color=color
            )
    axes.set_yscale("log")
    lowest, highest = (f(f(values) for values in speeds.values()) for f in (min, max))
    axes.set_ylim(lowest / 1.6, highest * 2)
    axes.set_xticks(places, [str(n) for n in workers])
    axes.set(xlabel="num_workers", ylabel="images per second", xlim=(-0.4, len(workers) - 0.6))
    right = axes.secondary_yaxis(
        "right", functions=(lambda n: n * image_bytes / 1e6, lambda mb: mb * 1e6 / image_bytes)
    )
    right.set_ylabel("MB/s of float32")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.12, 0.5))
    plain(axes)
    words = f"""Images per second for {listed(workers)} workers, on a logarithmic axis: {spans(speeds, "{:,.0f}")}."""
    return figure, words


@picture
def accuracies(curves):
    """curves: name -> accuracy on the images to test on, after each epoch."""
    figure, axes = subplots(figsize=(7, 3.2))
    for (name, values), color in zip(curves.items(), [GREY, GREEN], strict=False):
        axes.plot(range(1, len(values) + 1), values, color=color, label=f"{name}: {values[-1]:.0%} in the end")
    axes.set(xlabel="epoch", ylabel="accuracy on 1,000 other digits")
    in_percent(axes.yaxis)
    axes.legend(frameon=False, loc="lower right")
    plain(axes)
    return figure, f"Accuracy on 1,000 other digits after each epoch: {spans(curves, '{:.0%}')}."


class Stopwatch:
    """Adds up the time of each part: `with watch("read"): …`; `seconds` maps parts to it, `shares()` draws it."""

    def __init__(self):
        self.seconds = {}

    @contextmanager
    def __call__(self, part):
        start = time.perf_counter()
        yield
        self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - start

    @picture
    def shares(self):
        """One bar, divided, with each part's share and time below it."""
        figure, axes = subplots(figsize=(9, 1.9))
        divided(axes, self.seconds)
        axes.set(xlabel="share of the time")
        return figure, f"A bar, divided by shares of the time: {each(shares_of(self.seconds), '{:.0%}')}."


class Timeline:
    """Who did what when: `with line.span("load", 3): …`, in any thread; `show(title)` draws a row for each thread."""

    def __init__(self):
        self.spans, self.start = [], time.perf_counter()

    @contextmanager
    def span(self, name, number):
        start = time.perf_counter()
        yield
        span = (threading.current_thread().name, name, number, start - self.start, time.perf_counter() - self.start)
        self.spans.append(span)  # a list's append needs no lock

    @picture
    def show(self, title):
        mine = threading.current_thread().name
        others = sorted({lane for lane, *_ in self.spans} - {mine})
        lanes = {mine: 0} | {lane: row for row, lane in enumerate(others, start=1)}
        figure, axes = subplots(figsize=(10, 0.55 * len(lanes) + 1.1))
        colors = dict(zip(dict.fromkeys(name for _, name, *_ in self.spans), [BLUE, GREEN, ORANGE], strict=False))
        for lane, name, number, start, stop in self.spans:
            width = (stop - start) * 1e3
            axes.add_patch(_rectangle(start * 1e3, lanes[lane] - 0.36, width, 0.72, colors[name]))
            text = f"{name} {number}" if width > 14 else str(number)
            axes.text(start * 1e3 + width / 2, lanes[lane], text, ha="center", va="center", color=PAPER, fontsize=7.5)
        end = max(stop for *_, stop in self.spans) * 1e3
        axes.set(xlim=(0, max(end * 1.02, 430)), ylim=(len(lanes) - 0.5, -0.5), xlabel="ms")
        axes.set_yticks(range(len(lanes)), ["your loop", *(f"thread {row}" for row in range(1, len(lanes)))])
        axes.set_title(f"{title}: {end:.0f} ms", fontsize=10, loc="left")
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        busy = sum(stop - start for *_, start, stop in self.spans) * 1e3
        lines = f"{len(lanes)} rows" if len(lanes) > 1 else "one row"
        words = f"""{title.capitalize()}: {lines}, one for each thread, with a block for each piece of work
            ({listed(colors)}), along {end:.0f} ms. Together the blocks last {busy:.0f} ms."""
        return figure, words


# --- inside -------------------------------------------------------------------------------------


def _rectangle(left, bottom, width, height, color):
    from matplotlib.patches import Rectangle

    return Rectangle((left, bottom), width, height, facecolor=color, edgecolor=PAPER, lw=0.5)


def _box(axes, place, byte, color):
    axes.add_patch(_rectangle(place - 0.46, -0.46, 0.92, 0.92, color))
    axes.text(place, 0, str(byte), ha="center", va="center", color=PAPER, fontsize=9)


def _show(axes, image):
    """A float image (channels, height, width) with one or three channels."""
    if len(image) == 1:
        axes.imshow(image[0], cmap="gray_r", vmin=0, vmax=1)
    else:
        axes.imshow(np.clip(np.transpose(image, (1, 2, 0)), 0, 1))


def _bare(axes, title, size=9):
    axes.set_title(title, fontsize=size)
    axes.set(xticks=[], yticks=[])


def _log2(axis, set_ticks, ticks):
    axis.axes.set_xscale("log", base=2)
    set_ticks(ticks, [str(tick) for tick in ticks])
