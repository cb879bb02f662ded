"""Pictures for GPT: windows, gradients, shares, what a token hears, depth, learning, maps, temperatures, times.

Every function draws one figure from plain numbers, which `@picture` shows with its words.
"""

import numpy as np

from tito.draw.picture import (
    BLUE,
    FORMS,
    GREY,
    INK,
    ORANGE,
    PALE,
    SERIES,
    each,
    ends,
    in_percent,
    ink_on,
    listed,
    picture,
    plain,
    spans,
    subplots,
    tinted,
)
from tito.draw.steady import in_turns as in_turns


@picture
def windows(text):
    """What the model reads, and below each character the one that it should say."""
    characters = _visible(text)
    count = len(characters) - 1
    figure, axes = subplots(figsize=(0.7 * count + 1.6, 1.8))
    for x in range(count):
        _box(axes, x, 0, characters[x], tinted(BLUE, 0.25))
        _box(axes, x, 1.4, characters[x + 1], tinted(ORANGE, 0.25))
        axes.annotate("", (x, 0.95), (x, 0.45), arrowprops={"arrowstyle": "->", "color": GREY})
    axes.text(-0.8, 0, "input", ha="right", va="center")
    axes.text(-0.8, 1.4, "target", ha="right", va="center")
    _empty(axes, (-2.6, count), (2.1, -0.6))
    words = f"""Two rows of characters. The input: {" ".join(characters[:-1])}. Below each stands its target, the
        character after it: {" ".join(characters[1:])}."""
    return figure, words


@picture
def gathered(tokens, count, gradients):
    """Which gradients come back to each of `count` rows of a table; tokens: whose row each place took."""
    figure, axes = subplots(figsize=(8, 2.6))
    totals = np.bincount(tokens, gradients, count)
    for x, (token, gradient) in enumerate(zip(tokens, gradients, strict=True)):
        _box(axes, 1.5 * x, 0, f"{gradient:g}", tinted(ORANGE, 0.25))
        axes.text(1.5 * x, -0.75, f"token {token}", ha="center", fontsize=9)
        arrow = {"arrowstyle": "->", "color": GREY}
        axes.annotate("", (1.5 * token, 1.95), (1.5 * x, 0.45), arrowprops=arrow)
    for row in range(count):
        _box(axes, 1.5 * row, 2.4, f"{totals[row]:g}", tinted(BLUE, 0.25) if row in tokens else PALE)
        axes.text(1.5 * row, 3.3, f"row {row}", ha="center", fontsize=9)
    _empty(axes, (-1, 1.5 * max(count, len(tokens)) - 0.5), (3.6, -1.1))
    places = listed(f"{g:g} from token {t}" for t, g in zip(tokens, gradients, strict=True))
    rows = each({f"row {row}": total for row, total in enumerate(totals)})
    return figure, f"Gradients come back to the rows of a table and add up. They are {places}. The rows get: {rows}."


@picture
def shares(scores, text):
    """Scores, and beside them the softmax of what each row may see."""
    characters, size = _visible(text), len(text)
    allowed = np.tri(size, dtype=bool)
    powers = np.exp(scores) * allowed
    found = powers / powers.sum(axis=1, keepdims=True)
    figure, panels = subplots(1, 2, figsize=(8.4, 3.6))
    for axes, title, table, form in ((panels[0], "scores", scores, "{:.1f}"), (panels[1], "shares", found, "{:.2f}")):
        for row, column in np.ndindex(size, size):
            seen = table[row, : row + 1]
            depth = (table[row, column] - seen.min()) / np.ptp(seen) if row else 1
            color = tinted(BLUE, 0.1 + 0.45 * depth) if allowed[row, column] else PALE
            _box(axes, column, row, form.format(table[row, column]), color, size=8)
        _labels(axes, characters)
        axes.set_title(title, fontsize=10)
        axes.set(xlabel="at whom", ylabel="who looks")
    words = f"""Two tables of {size} by {size} numbers, a row and a column for each of {" ".join(characters)}: scores,
        and the shares that softmax makes of them. In each row, more is darker. Right of the diagonal, in grey, all
        shares are 0; each row adds up to 1. The last row: {", ".join(f"{share:.2f}" for share in found[-1])}."""
    return figure, words


@picture
def terms(grad, moved, stretched):
    """A gradient, the two parts that the norm undoes, and what is left: a bar for each number of a token."""
    left = grad - moved - stretched
    parts = {"grad": grad, "moves all alike": moved, "stretches all alike": stretched, "what is left": left}
    figure, panels = subplots(1, 4, figsize=(9.5, 2.2), sharey=True)
    for axes, (name, values), color in zip(panels, parts.items(), (GREY, ORANGE, ORANGE, BLUE), strict=True):
        axes.bar(range(len(values)), values, color=color)
        axes.axhline(0, color=INK, lw=0.8)
        axes.set_title(name, fontsize=10)
        axes.set_xticks([])
        plain(axes)
    words = f"""Four panels of {len(grad)} bars: a gradient; the part that moves all numbers alike, {moved[0]:.2f}
        everywhere; the part that stretches them all alike; and what is left when both are taken out, which adds up to
        {abs(left.sum()):.2f}."""
    return figure, words


@picture
def heard(query, keys, values, text):
    """What the last token of a text hears: its query, and of each token the key, the score, the share and the value."""
    scores = keys @ query / len(query) ** 0.5
    shares = np.exp(scores) / np.exp(scores).sum()
    count, characters = len(keys), _visible(text)
    figure, axes = subplots(figsize=(9, 3.4))
    for x, share in enumerate(shares):
        axes.text(x, 0, characters[x], ha="center", va="center", fontweight="bold")
        _box(axes, x, 1, _numbers(keys[x]), tinted(GREY, 0.25))
        axes.text(x, 2, f"{scores[x]:.2f}", ha="center", va="center")
        _box(axes, x, 3, f"{share:.2f}", tinted(BLUE, 0.7 * share))
        _box(axes, x, 4, _numbers(values[x]), tinted(BLUE, 0.7 * share))
    rows = ["token", "key", "score: query · key / √d", "share: softmax of the scores", "value"]
    for y, name in enumerate(rows):
        axes.text(-0.6, y, name, ha="right", va="center")
    last = f"query of “{characters[-1]}”", f"what “{characters[-1]}” hears: sum of share · value"
    for y, name, row in zip((1, 4), last, (query, shares @ values), strict=True):
        _box(axes, count, y, _numbers(row), tinted(ORANGE, 0.25))
        axes.text(count + 0.5, y, name, va="center")
    _empty(axes, (-2.9, count + 3.3), (4.6, -0.6))
    columns = zip(characters, keys, scores, shares, values, strict=True)
    said = (f"{c}: {_numbers(k)}; {score:.2f}; {share:.2f}; {_numbers(v)}" for c, k, score, share, v in columns)
    words = f"""The last token of {" ".join(characters)} has the query {_numbers(query)}. Key, score, share and value of
        each token. {". ".join(said)}. The sum of share times value is {_numbers(shares @ values)}: that is what the
        last token hears."""
    return figure, words


@picture
def gradients(rows):
    """rows: name -> the size of the gradient in each block, from the first to the last."""
    figure, axes = subplots(figsize=(7.5, 3))
    for (name, sizes), color, form in zip(rows.items(), SERIES, FORMS, strict=False):
        axes.semilogy(range(1, len(sizes) + 1), sizes, f"{form}-", color=color, label=name)
    axes.set(xlabel="block", ylabel="gradient of the queries' weights")
    axes.legend(frameon=False)
    plain(axes)
    words = f"""Size of the gradient of the queries' weights over the blocks, first to last, logarithmic.
        {spans(rows, "{:.2g}")}."""
    return figure, words


@picture
def learning(losses, samples):
    """losses: one a step; samples: step -> what the model wrote then."""
    figure, axes = subplots(figsize=(9, 4.2))
    _curve(axes, losses)
    lines = [f"step {step:>5,}:  {''.join(_visible(text))}" for step, text in samples.items()]
    axes.set_title("\n".join(lines), loc="left", family="monospace", fontsize=9)
    words = f"""The loss over {len(losses)} steps, {ends(losses, "{:.2f}")}. What it wrote on the way:
        {"; ".join(f"at step {step}: {''.join(_visible(text))}" for step, text in samples.items())}."""
    return figure, words


@picture
def maps(layers, text):
    """layers: for each layer an array (heads, T, T) of shares. A panel for each head: who looks at whom."""
    characters, heads = _visible(text), len(layers[0])
    figure, panels = subplots(len(layers), heads, figsize=(2.5 * heads, 2.6 * len(layers)), squeeze=False)
    said = []
    for (row, column), axes in np.ndenumerate(panels):
        table = layers[row][column]
        axes.imshow(table, cmap="Blues", vmin=0, vmax=1)
        _labels(axes, characters)
        axes.set_title(f"layer {row + 1}, head {column + 1}", fontsize=9)
        column_of_most = int(table[-1].argmax())
        said.append(f"layer {row + 1}, head {column + 1}: {table[-1].max():.0%} at place {column_of_most + 1}")
    words = f"""Maps of shares while the model reads {" ".join(characters)}, a panel for each head, a row for each
        token that looks. Where the last token looks most: {"; ".join(said)}."""
    return figure, words


@picture
def temperatures(rows, characters):
    """rows: name -> the probability of each character."""
    characters = _visible(characters)
    figure, panels = subplots(1, len(rows), figsize=(3.2 * len(rows), 2.3), sharey=True, squeeze=False)
    said = []
    for axes, (name, shares) in zip(panels.flat, rows.items(), strict=True):
        axes.bar(range(len(shares)), shares, color=BLUE)
        axes.set_xticks(range(len(characters)), characters, fontsize=8)
        axes.set_title(name, fontsize=10)
        in_percent(axes.yaxis)
        plain(axes)
        said.append(f"{name}: at most {max(shares):.0%}, for {characters[int(np.argmax(shares))]}")
    return figure, f"How likely each character is next, a panel for each temperature. {'; '.join(said)}."


@picture
def milliseconds(lengths, rows):
    """rows: name -> milliseconds for a token, over how many were read before."""
    figure, axes = subplots(figsize=(7.5, 3))
    for (name, times), color, form in zip(rows.items(), (ORANGE, BLUE), FORMS, strict=False):
        axes.loglog(lengths, times, f"{form}-", color=color, label=name, base=2)
    ticks = [
        2.0**n for n in range(-4, 8) if min(map(min, rows.values())) / 2 <= 2.0**n <= 2 * max(map(max, rows.values()))
    ]
    axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks(lengths, [str(length) for length in lengths])
    axes.set(xlabel="tokens read before", ylabel="ms for a token, measured here")
    axes.legend(frameon=False)
    plain(axes)
    words = f"""Milliseconds for one more token over how many were read before, {lengths[0]} to {lengths[-1]}, both axes
        logarithmic. {spans(rows, "{:.2g}")}."""
    return figure, words


# --- inside -------------------------------------------------------------------------------------


def _visible(text):
    """The characters of a text, those that nobody sees as signs."""
    return [{"\n": "¶", " ": "␣"}.get(character, character) for character in text]


def _numbers(row):
    return ", ".join(f"{number:.1f}" for number in row)


def _curve(axes, losses):
    width = max(1, len(losses) // 50)
    smooth = np.convolve(losses, np.ones(width) / width, mode="valid")
    axes.plot(losses, color=tinted(BLUE, 0.3), lw=0.8)
    axes.plot(np.arange(len(smooth)) + width // 2, smooth, color=BLUE)
    axes.set(xlabel="step", ylabel="loss", ylim=(0, 1.05 * max(losses)))
    plain(axes)


def _box(axes, x, y, text, color, size=10):
    axes.text(
        *(x, y, text),
        ha="center",
        va="center",
        fontsize=size,
        color=ink_on(color),
        bbox={"boxstyle": "square,pad=0.35", "facecolor": color, "edgecolor": "none"},
    )


def _labels(axes, characters):
    ticks = range(len(characters))
    axes.set_xticks(ticks, characters, fontsize=8)
    axes.set_yticks(ticks, characters, fontsize=8)
    axes.set(xlim=(-0.6, len(characters) - 0.4), ylim=(len(characters) - 0.4, -0.6))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _empty(axes, xlim, ylim):
    axes.set(xlim=xlim, ylim=ylim)
    axes.set_axis_off()
