"""Pictures for Autograd: the graph, what naive recursion costs, stretched axes, memory over a backward pass.

Every function draws one figure, which `@picture` shows with its words.
"""

import tracemalloc

import numpy as np

from tito.draw.picture import (
    BLUE,
    FORMS,
    GREEN,
    GREY,
    ORANGE,
    PAPER,
    RED,
    SERIES,
    each,
    ends,
    ink_on,
    listed,
    picture,
    plain,
    subplots,
    tinted,
)
from tito.draw.steady import fastest as fastest


@picture
def graph(tensor, names=None, order=None):
    """Everything that `tensor` was computed from, inputs on the left; arrows go the way in which the numbers went.

    names: Tensor → how it is called in the picture
    order: list of Tensors; their places in it are written into the boxes
    Blue round boxes are leaves that require a gradient, green ones with corners were computed, grey ones are constants.
    """
    names = names or {}
    places = {node: place for place, node in enumerate(order or [], start=1)}
    spots, edges = _layout(tensor)
    columns, rows = max(x for x, _ in spots.values()), max(abs(y) for _, y in spots.values())
    figure, axes = subplots(figsize=(1.75 * columns + 1.6, 1.6 * rows + 1.3))
    boxes = {node: _box(axes, spot, node, names.get(node, ""), places.get(node)) for node, spot in spots.items()}
    for (source, target), count in edges.items():
        for strand in range(count):
            ends = {"patchA": boxes[source].get_bbox_patch(), "patchB": boxes[target].get_bbox_patch()}
            _arrow(axes, spots[source], spots[target], bend=0.35 * (strand - (count - 1) / 2), **ends)
    axes.set(xlim=(-0.45, columns + 0.45), ylim=(-rows - 0.55, rows + 0.55))
    axes.set_axis_off()
    made = listed(f"{names.get(node) or node.shape} by {_operation(node)}" for node in spots if node.creator)
    words = f"""A graph of {len(spots)} tensors, inputs on the left, with an arrow for every use: {made or "a leaf"}.
        {f"Numbers in the boxes go from 1 to {len(places)}, in the given order." if places else ""}"""
    return figure, words


@picture
def calls(depths, naive, ours):
    """Visits to tensors, over how often a tensor was doubled: by naive recursion, and in topological order."""
    figure, axes = subplots(figsize=(7, 3.2))
    axes.semilogy(depths, naive, "o-", color=RED, label="naive recursion: once for every path")
    axes.semilogy(depths, ours, "s-", color=GREEN, label="every tensor once")
    axes.set(xlabel="number of doublings, x = x + x", ylabel="visits")
    axes.legend(frameon=False)
    plain(axes)
    words = f"""Visits over the number of doublings, {ends(list(depths))}, on a logarithmic axis: naive recursion
        {ends(naive, "{:,}")}; every tensor once {ends(ours)}."""
    return figure, words


@picture
def unbroadcast(shape, grad):
    """Forward, a block of `shape` was stretched to grad's shape (two axes); backward, what was stretched is summed."""
    shape = (1,) * (2 - len(shape)) + tuple(shape)
    axes_summed = tuple(axis for axis in (0, 1) if shape[axis] == 1 != grad.shape[axis])
    total = grad.sum(axis=axes_summed, keepdims=True)
    figure, (left, right) = subplots(1, 2, figsize=(10, 0.42 * grad.shape[0] + 1.9))
    letters = np.array([f"b{i}" for i in range(total.size)], dtype=object).reshape(shape)
    for axes, small, large, colour, title in [
        (left, letters, np.broadcast_to(letters, grad.shape), BLUE, "forward: each number is used many times"),
        (right, total, grad, GREEN, "backward: its gradient is the sum over all its uses"),
    ]:
        _grid(axes, (0, 0), small, colour, 1)
        _grid(axes, (small.shape[1] + 1.6, 0), large, colour, 0.3)
        ends = (small.shape[1] + 0.25, small.shape[1] + 1.35)
        _arrow(axes, *((x, -0.5) for x in (ends if axes is left else reversed(ends))))
        axes.set_title(title, fontsize=10, loc="left")
        axes.set(xlim=(-0.2, small.shape[1] + grad.shape[1] + 1.8), ylim=(-grad.shape[0] - 0.2, 0.3))
        axes.set_aspect("equal")
        axes.set_axis_off()
    words = f"""Left, forward: b of shape {shape} is stretched to {grad.shape}. Right, backward: grad, of shape
        {grad.shape}, is summed over the axes {axes_summed} and becomes
        {listed(f"{value:g}" for value in total.flat)}."""
    return figure, words


@picture
def matmul_shapes(rows, inside, columns):
    """The three products around out = a @ b, as rectangles: whatever is lost is the axis that both factors share."""
    from matplotlib.patches import Rectangle

    sizes = {"n": rows, "k": inside, "m": columns}
    lengths = {name: 0.35 * size**0.75 for name, size in sizes.items()}
    a, b, grad = ("a", "n", "k", BLUE), ("b", "k", "m", ORANGE), ("grad", "n", "m", GREEN)
    turned = [("b, turned", "m", "k", ORANGE), ("a, turned", "k", "n", BLUE)]
    lines = [(a, b, ("out", *grad[1:])), (grad, turned[0], ("da", *a[1:])), (turned[1], grad, ("db", *b[1:]))]
    figure, panels = subplots(1, 3, figsize=(11, 2.6))
    for axes, line in zip(panels, lines, strict=True):
        left = 0.0
        for (name, height, width, colour), sign in zip(line, ("@", "=", ""), strict=True):
            h, w = lengths[height], lengths[width]
            axes.add_patch(Rectangle((left, -h / 2), w, h, facecolor=colour, alpha=0.75))
            axes.text(left + w / 2, h / 2 + 0.1, name, ha="center", va="bottom", fontsize=10)
            axes.text(
                left + w / 2, -h / 2 - 0.1, f"({sizes[height]}, {sizes[width]})", ha="center", va="top", fontsize=9
            )
            axes.text(left + w + 0.45, 0, sign, ha="center", va="center", fontsize=13)
            left += w + 0.9
        tallest = max(lengths.values())
        axes.set(xlim=(-0.3, left - 0.5), ylim=(-tallest / 2 - 0.6, tallest / 2 + 0.6))
        axes.set_aspect("equal")
        axes.set_axis_off()
    words = f"""Three products as rectangles: a ({rows}, {inside}) @ b ({inside}, {columns}) = out ({rows}, {columns});
        grad @ b, turned, = da; a, turned, @ grad = db. Each gradient has the shape of its input."""
    return figure, words


@picture
def picked(index, size, grad):
    """a[index] for a list of ints: which entry goes where, and below, which gradients come back to it."""
    figure, panels = subplots(1, 2, figsize=(10, 2.5))
    back = np.zeros(size)
    np.add.at(back, index, grad)
    titles = ["forward: a[index] picks", "backward: whoever was picked several times gets the sum"]
    for axes, title, top, bottom in zip(panels, titles, (range(size), back), (index, grad), strict=True):
        forward = axes is panels[0]
        shift = (size - len(index)) / 2
        for place, number in enumerate(top):
            text = f"a{number}" if forward else f"{number:g}"
            _cell(axes, (place, 1.5), text, BLUE, 0.75 if place in index else 0.2)
        for place, number in enumerate(bottom):
            _cell(axes, (place + shift, -0.5), f"a{number}" if forward else f"{number:g}", GREEN, 0.6)
            ends = (index[place] + 0.5, 1.5), (place + shift + 0.5, 0.5)
            _arrow(axes, *(ends if forward else ends[::-1]))
        axes.set_title(title, fontsize=10, loc="left")
        axes.set(xlim=(-0.2, size + 0.2), ylim=(-0.7, 2.7))
        axes.set_axis_off()
    words = f"""Left, forward: a[index] picks {listed(f"a{place}" for place in index)}. Right, backward: the gradients
        {listed(f"{g:g}" for g in grad)} go back there and are summed: {listed(f"{g:g}" for g in back)}."""
    return figure, words


@picture
def throws(paths, basket):
    """paths: for each throw of a ball its places (x, y), one by one; basket: the place (x, y) that it should reach."""
    figure, axes = subplots(figsize=(7, 3.6))
    last = len(paths) - 1
    for i, path in enumerate(paths):
        color = ORANGE if i == last else tinted(BLUE, 0.3 + 0.7 * i / max(last, 1))
        axes.plot(*np.transpose(path), color=color, lw=2.4 if i == last else 1.2)
        axes.plot(*path[-1], "o", color=color, ms=5)
    axes.plot(*basket, "*", color=GREEN, ms=16, label="the basket")
    axes.set(xlabel="metres", ylabel="height in metres")
    axes.legend(frameon=False, loc="upper left")
    plain(axes)
    missed = [float(np.hypot(*np.subtract(path[-1], basket))) for path in paths]
    words = f"""The flights of {len(paths)} throws of a ball, a curve each, the last one in orange. They end
        {ends(missed, "{:.2g}")} metres away from the basket."""
    return figure, words


@picture
def errors(found, limit=1e-6):
    """found: name → the worst relative error of its gradient. One point each, on a logarithmic axis."""
    names = list(found)
    figure, axes = subplots(figsize=(9, 0.21 * len(names) + 1.0))
    values = np.maximum([found[name] for name in names], 1e-14)
    places = np.arange(len(names))[::-1]
    axes.hlines(places, 1e-14, values, color=GREY, lw=0.8, alpha=0.6)
    for near, form, color in ((True, "o", GREEN), (False, "X", RED)):
        chosen = (values < limit) == near
        axes.plot(values[chosen], places[chosen], form, color=color, zorder=3, ms=5)
    axes.axvline(limit, color=RED, lw=1)
    axes.text(limit, len(names) - 0.3, " too far", color=RED, va="bottom", fontsize=9)
    axes.set(xscale="log", xlim=(3e-14, 1e-3), ylim=(-0.7, len(names) + 0.3), xlabel="worst relative error")
    axes.set_yticks(places, names, fontsize=8)
    plain(axes)
    far = [name for name, error in found.items() if not error < limit]
    words = f"""The worst relative error of {len(found)} gradients, a point each: the largest is
        {max(found.values()):.1e}. {f"Beyond {limit:g} are {listed(far)}." if far else f"All are below {limit:g}."}"""
    return figure, words


@picture
def memory(curves):
    """curves: name → bytes in use before every step of a backward pass."""
    figure, axes = subplots(figsize=(8, 3.4))
    for (name, points), color in zip(curves.items(), [GREY, GREEN, ORANGE], strict=False):
        axes.plot(np.array(points) / 1e6, "-", color=color, lw=2, label=name)
    axes.set(xlabel="operations that the backward pass has behind it", ylabel="MB in use")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    plain(axes)
    most = {name: max(points) / 1e6 for name, points in curves.items()}
    last = {name: points[-1] / 1e6 for name, points in curves.items()}
    words = f"""Megabytes in use while a backward pass goes on. At most: {each(most, "{:.0f}")}. Before its last
        operation: {each(last, "{:.0f}")}."""
    return figure, words


@picture
def trade(segments, peaks, seconds):
    """What checkpoints save and cost: the first entry is the plain run, without any."""
    figure, (left, right) = subplots(1, 2, figsize=(10, 3.3))
    places = np.arange(len(segments))
    labels = ["none", *map(str, segments[1:])]
    for axes, values, colour, form, label in [
        (left, np.array(peaks) / 1e6, BLUE, "{:.0f}", "peak of memory, MB"),
        (right, np.array(seconds) / seconds[0], ORANGE, "{:.2f}", "time, the plain run is 1"),
    ]:
        colours = [GREY] + [colour] * (len(values) - 1)
        for bar, value in zip(axes.bar(places, values, color=colours), values, strict=True):
            axes.text(
                bar.get_x() + bar.get_width() / 2, value, form.format(value), ha="center", va="bottom", fontsize=9
            )
        axes.set(xlabel="number of checkpointed pieces", ylabel=label, ylim=(0, max(values) * 1.15))
        axes.set_xticks(places, labels)
        plain(axes)
        axes.grid(False, axis="x")
    words = f"""Bars over the number of checkpointed pieces, {listed(labels)}. Peak of memory in MB:
        {listed(f"{peak / 1e6:.0f}" for peak in peaks)}. Time against the plain run:
        {listed(f"{s / seconds[0]:.2f}" for s in seconds)}."""
    return figure, words


@picture
def agreement(pairs):
    """pairs: name → (gradient by hand, gradient by itself). Every number is a point; equal ones are on the diagonal."""
    figure, axes = subplots(figsize=(7.6, 4.0))
    for place, (name, (manual, automatic)) in enumerate(pairs.items()):
        sizes = np.maximum(np.abs([np.ravel(manual), np.ravel(automatic)]), 1e-9)
        color, form = SERIES[place % len(SERIES)], FORMS[place // len(SERIES) % len(FORMS)]
        axes.loglog(*sizes, form, color=color, ms=3.5, alpha=0.6, label=f"{name} {np.shape(manual)}")
    limits = axes.get_xlim()
    axes.plot(limits, limits, color=GREY, lw=0.8, zorder=0)
    axes.set(xlabel="size of a gradient, layers' own backward", ylabel="the same one, loss.backward()")
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5), markerscale=3)
    plain(axes)
    apart = max(float(np.max(np.abs(np.subtract(*pair)))) for pair in pairs.values())
    words = f"""Sizes of gradients by hand and by loss.backward(), a point for each number, for {listed(pairs)}. They
        differ by {apart:.0e} at most, so the points lie on the diagonal or beside it."""
    return figure, words


class Watch:
    """Notes the bytes in use (tracemalloc must be on) at every call of a gradient function, inside a `with` statement.

    gradients: the table of gradient functions, which is as it was afterwards
    """

    def __init__(self, gradients):
        self.gradients, self.bytes = gradients, []

    def __enter__(self):
        self.kept = dict(self.gradients)
        for function, gradient in self.kept.items():
            self.gradients[function] = self._noting(gradient)
        return self

    def __exit__(self, *error):
        self.gradients.update(self.kept)

    def _noting(self, gradient):
        def noting(*args, **options):
            self.bytes.append(tracemalloc.get_traced_memory()[0])
            return gradient(*args, **options)

        return noting


# --- inside -------------------------------------------------------------------------------------


def _below(node):
    """The inputs of a tensor."""
    return node.creator[1] if node.creator is not None else ()


def _layout(root):
    """node → (x, y), and (input, node) → number of arrows. A column for each (longest) distance from the root."""
    nodes, stack, seen = [], [(root, False)], set()
    while stack:
        node, done = stack.pop()
        if done:
            nodes.append(node)
        elif node not in seen:
            seen.add(node)
            stack += [(node, True), *((x, False) for x in reversed(_below(node)))]
    distance, edges = dict.fromkeys(nodes, 0), {}
    for node in reversed(nodes):
        for x in _below(node):
            distance[x] = max(distance[x], distance[node] + 1)
            edges[x, node] = edges.get((x, node), 0) + 1
    longest = max(distance.values())
    spots, users = {}, {}
    for source, target in edges:
        users.setdefault(source, []).append(target)
    for column in range(longest, -1, -1):
        here = [node for node in nodes if distance[node] == longest - column]
        if column < longest:  # next to those who use them, as far as that is free
            here.sort(key=lambda node: -np.mean([spots[user][1] for user in users[node]]))
        for row, node in enumerate(here):
            spots[node] = column, (len(here) - 1) / 2 - row
    return spots, edges


def _box(axes, spot, node, name, place):
    leaf = node.creator is None
    colour = GREY if not node.requires_grad else BLUE if leaf else GREEN
    operation = _operation(node)
    text = "\n".join(line for line in (name, operation and f"by {operation}", str(node.shape)) if line)
    style = {"boxstyle": "round,pad=0.35" if leaf else "square,pad=0.35", "facecolor": colour, "edgecolor": "none"}
    box = axes.text(*spot, text, ha="center", va="center", color=PAPER, fontsize=9, bbox=style, zorder=3)
    if place is not None:
        style = {"boxstyle": "circle,pad=0.2", "facecolor": PAPER, "edgecolor": colour}
        corner = {"xycoords": box, "textcoords": "offset points", "xytext": (-7, 9)}
        axes.annotate(str(place), (0, 1), **corner, ha="center", va="center", fontsize=8, bbox=style, zorder=4)
    return box


def _operation(node):
    """The name of what made a tensor; "" for a leaf, and for one that was freed."""
    function = node.creator and node.creator[0]
    return function.__name__ if function else ""


def _arrow(axes, start, end, bend=0.0, **ends):
    style = {"arrowstyle": "-|>", "color": GREY, "connectionstyle": f"arc3,rad={bend}", "shrinkA": 2, "shrinkB": 2}
    axes.annotate("", end, start, arrowprops={**style, **ends}, zorder=2)


def _cell(axes, corner, text, colour, alpha):
    from matplotlib.patches import Rectangle

    shade = tinted(colour, alpha)
    axes.add_patch(Rectangle(corner, 0.94, 0.94, facecolor=shade, edgecolor="none"))
    style = {"ha": "center", "va": "center", "fontsize": 9, "color": ink_on(shade)}
    axes.text(corner[0] + 0.47, corner[1] + 0.47, text, **style)


def _grid(axes, corner, values, colour, alpha):
    """A table of numbers or words; `corner` is its upper left one."""
    for (row, column), value in np.ndenumerate(values):
        text = value if isinstance(value, str) else f"{value:g}"
        _cell(axes, (corner[0] + column, corner[1] - row - 1), text, colour, alpha)
