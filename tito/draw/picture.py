"""One palette for all pictures, and one way to show them: with words for readers who don't see them.

A function that draws returns a figure and its alternative text; `@picture` shows both as one <img>. A PNG output of
Jupyter has no place for such a text, and a figure of matplotlib.figure, unlike one of pyplot, is never shown twice.

Pictures bring their own white paper. No colour of a text has a contrast of 4.5, which readers need, with white and with
JupyterLab's dark #111111: the best grey has 4.35 with both. On paper the same picture reads in both themes.

Any two of the five colours are at least 25 apart in CIELAB for somebody with deuteranopia, and each has a contrast of
4.5 with the paper: as a text on it, or as a box with white text. tests/tito/test_draw.py computes both.
"""

import base64
import functools
import html
import io
from contextvars import ContextVar

PAPER, INK = "#ffffff", "#222222"
BLUE, ORANGE, GREEN, RED, GREY = "#2f66b0", "#ae6400", "#06522b", "#cf2f50", "#6b707a"
SERIES = (BLUE, ORANGE, GREEN, RED, GREY)
PALE = "#dfe3ea"  # fills what does not matter; no text has it
FORMS = ("o", "s", "^", "D", "v")  # of points, one for each colour of SERIES: a second cue

_INKS = ("text.color", "axes.labelcolor", "axes.edgecolor", "axes.titlecolor", "xtick.color", "ytick.color")
_PAPERS = ("figure.facecolor", "axes.facecolor", "savefig.facecolor")
STYLE = dict.fromkeys(_INKS, INK) | dict.fromkeys(_PAPERS, PAPER) | {"figure.dpi": 100}


_COLLECTED = ContextVar("pictures that are not shown, but collected", default=None)  # a list, inside of `slider`


class Picture:
    """A figure, as HTML, with its alternative text; where HTML can't be shown, the text alone."""

    def __init__(self, figure, words):
        self.figure, self.words = figure, " ".join(words.split())
        png = io.BytesIO()
        figure.savefig(png, format="png", bbox_inches="tight")
        self.png = png.getvalue()

    def __repr__(self):
        return self.words

    def _repr_html_(self):
        png = base64.b64encode(self.png).decode()
        return f'<img alt="{html.escape(self.words)}" src="data:image/png;base64,{png}">'


def picture(draw):
    """Decorate a function that returns a figure and its alternative text: calling it shows the picture."""

    @functools.wraps(draw)
    def shown(*arguments, **options):
        from IPython.display import display  # these imports take long, and graded cells draw nothing
        from matplotlib import rc_context

        show = display if _COLLECTED.get() is None else _COLLECTED.get().append
        with rc_context(STYLE):
            show(Picture(*draw(*arguments, **options)))

    return shown


_CHOOSE = (  # which figure is seen: JavaScript
    "[...this.parentElement.querySelectorAll('figure')]"
    ".forEach((figure, i) => figure.style.display = i == this.value ? '' : 'none')"
)

_KEYS = 'onkeydown="event.stopPropagation()"'  # else JupyterLab takes arrows for its own


class Slider:
    """Pictures with their labels. A reader sees one of them, and moves a slider to see another.

    All pictures are in the HTML, and a line of JavaScript chooses one. So the slider needs no widget, no extension and
    no kernel, and works on a page, too. Where no script runs, all pictures are seen, each below its label.
    """

    def __init__(self, pictures, start):
        self.pictures, self.start = pictures, list(pictures).index(start)

    def __repr__(self):
        return "\n".join(f"{label}: {one!r}" for label, one in self.pictures.items())

    def _repr_html_(self):
        figures = []
        for i, (label, one) in enumerate(self.pictures.items()):
            style = "" if i == self.start else ' style="display: none"'
            caption = f"<figcaption>{html.escape(label)}</figcaption>"
            figures.append(f"<figure{style}>{caption}{one._repr_html_()}</figure>")
        first, *_, last = self.pictures
        reach = f'min="0" max="{len(figures) - 1}" value="{self.start}"'
        says = html.escape(f"from {first} to {last}")
        knob = f'<input type="range" {reach} aria-label="{says}" oninput="{_CHOOSE}" {_KEYS}>'
        return f"<div>{knob}{''.join(figures)}</div>"


def slider(draw, choices, start):
    """Show the picture that draw(choice) shows, with a slider through all choices.

    draw: function that shows one picture; choices: dict label → choice; start: the label that is seen first
    """
    from IPython.display import display

    pictures = {}
    for label, choice in choices.items():
        token = _COLLECTED.set([])
        try:
            draw(choice)
            (pictures[label],) = _COLLECTED.get()
        finally:
            _COLLECTED.reset(token)
    display(Slider(pictures, start))


def subplots(*shape, figsize, **options):
    """A figure, which nobody shows but `picture`, and its axes: as plt.subplots returns them."""
    figure = blank(figsize)
    return figure, figure.subplots(*shape, **options)


def blank(figsize):
    """A figure without axes."""
    from matplotlib.figure import Figure

    return Figure(figsize=figsize, layout="constrained")


def plain(axes):
    """Axes without a frame, on a pale grid."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25, lw=0.6)


def tinted(color, share):
    """`color` laid thinly on the paper: share 1 is the colour itself, 0 the paper."""
    from matplotlib.colors import to_hex, to_rgb

    return to_hex([share * c + (1 - share) * p for c, p in zip(to_rgb(color), to_rgb(PAPER), strict=True)])


def ink_on(color):
    """Which of the paper's and the ink's colours reads on `color`."""
    return max(PAPER, INK, key=lambda ink: contrast(ink, color))


def contrast(one, other):
    """The contrast of two opaque colours by WCAG, from 1 to 21; texts need 4.5."""
    low, high = sorted(map(_luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def shares_of(numbers):
    """The share of each number in their sum, by name."""
    return {name: number / sum(numbers.values()) for name, number in numbers.items()}


def in_percent(axis):
    """Label an axis of shares in percent, with a decimal where a tick needs one: 77.5 % is neither 77 nor 78."""
    axis.set_major_formatter(lambda value, _: f"{round(100 * value, 1):g}%")


def divided(axes, seconds):
    """One bar, divided by shares; above it the name of each part, with its share and its time."""
    left = 0.0
    for (name, share), color in zip(shares_of(seconds).items(), SERIES, strict=False):
        label = f"{name}\n{share:.0%}, {seconds[name] * 1e3:.0f} ms"
        axes.barh(0, share, left=left, color=color, edgecolor=PAPER, label=label)
        left += share
    axes.legend(frameon=False, ncols=len(seconds), loc="lower center", bbox_to_anchor=(0.5, 1))
    axes.set(yticks=[], xlim=(0, 1))
    in_percent(axes.xaxis)
    axes.spines[["top", "right", "left"]].set_visible(False)


# --- words --------------------------------------------------------------------------------------


def listed(parts):
    """ "a, b and c"; with semicolons, where a part has a comma of its own."""
    parts = [str(part) for part in parts]
    comma = "; " if any("," in part for part in parts) else ", "
    return " and ".join(part for part in (comma.join(parts[:-1]), parts[-1]) if part)


def each(numbers, form="{:.3g}"):
    """Names with their numbers: "list: 5; array: 2"."""
    return "; ".join(f"{name}: {form.format(number)}" for name, number in numbers.items())


def ends(numbers, form="{:.3g}"):
    """ "from 3 to 5": the first and the last number."""
    return f"from {form.format(numbers[0])} to {form.format(numbers[-1])}"


def spans(rows, form="{:.3g}"):
    """How each of several curves begins and ends."""
    return "; ".join(f"{name}: {ends(numbers, form)}" for name, numbers in rows.items())


def _luminance(color):
    from matplotlib.colors import to_rgb

    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(color))
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
