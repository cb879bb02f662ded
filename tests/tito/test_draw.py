"""The notebooks' pictures: whoever sees them in other colours, in a dark theme, or not at all gets the same."""

import ast
import inspect
import itertools
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("matplotlib")

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

from tests.tito.drawings import CALLS, DRAW
from tito.draw import picture
from tito.draw.picture import PAPER, SERIES

FOLDER = Path(picture.__file__).parent
READABLE = 4.5  # the contrast that WCAG 2 asks for (AA)

# How somebody without the middle cones sees linear RGB: Machado, Oliveira and Fernandes 2009, severity 1.
DEUTERANOPIA = np.array([
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
])  # fmt: skip
TO_XYZ = np.array([
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
])  # fmt: skip


def lab(color, eyes=DEUTERANOPIA):
    """A colour in CIELAB, as these eyes see it."""
    rgb = np.array(to_rgb(color))
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    x, y, z = TO_XYZ @ np.clip(eyes @ linear, 0, 1) / (0.95047, 1, 1.08883)
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in (x, y, z))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", [DEUTERANOPIA, np.eye(3)], ids=["deuteranopia", "all cones"])
def test_any_two_colours_are_told_apart(eyes):
    """By 25 in CIELAB (CIE76)."""
    apart = {
        pair: np.linalg.norm(lab(pair[0], eyes) - lab(pair[1], eyes)) for pair in itertools.combinations(SERIES, 2)
    }
    assert min(apart.values()) >= 25, apart


def test_the_measure_finds_two_colours_alike():
    """Green and red that had been in use: 14 apart."""
    assert np.linalg.norm(lab("#4f8f5b") - lab("#b5473f")) == pytest.approx(14, abs=0.5)


def test_every_colour_reads_on_paper_and_paper_on_every_colour():
    assert min(picture.contrast(color, PAPER) for color in (*SERIES, picture.INK)) >= READABLE
    assert picture.contrast(picture.INK, picture.PALE) >= READABLE


def test_no_grey_would_read_both_on_white_and_on_dark():
    """So pictures have paper of their own. #111111 is the background of JupyterLab's dark theme."""
    greys = [f"#{level:02x}{level:02x}{level:02x}" for level in range(256)]
    assert max(min(picture.contrast(grey, "#ffffff"), picture.contrast(grey, "#111111")) for grey in greys) < READABLE


def test_colours_stand_in_one_file():
    for path in FOLDER.glob("*.py"):
        if path.name != "picture.py":
            text = path.read_text(encoding="utf-8")
            assert re.findall(r"#[0-9a-f]{6}\b|\"(?:black|white|C\d)\"", text) == [], path.name


def test_all_that_draws_is_called_here_and_shows_a_picture():
    drawing = set()
    for name, module in DRAW.items():
        for kind in [module, *(value for value in vars(module).values() if inspect.isclass(value))]:
            if kind is module or kind.__module__ == module.__name__:
                within = f"{name}." if kind is module else f"{name}.{kind.__name__}."
                drawing |= {within + one for one, value in vars(kind).items() if hasattr(value, "__wrapped__")}
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        stated = {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}
        assert {f"{name}.{one}" for one in stated} <= drawing, f"{name}: not every function has @picture"
    drawing -= {name for name in drawing if name.endswith(".__call__") or ".span" in name}
    assert drawing == {name.partition(",")[0] for name in CALLS}


@pytest.fixture
def shown(monkeypatch):
    """The pictures that were shown, in order. They are not packed as PNG, which takes long."""
    pictures = []
    monkeypatch.setattr("IPython.display.display", pictures.append)
    monkeypatch.setattr(Figure, "savefig", lambda figure, file, **options: file.write(b"PNG"))
    return pictures


@pytest.mark.parametrize("name", CALLS)
def test_a_picture_is_shown_once_has_words_and_its_texts_read(name, shown, pytestconfig):
    """Texts of a third of the pictures: it takes long to lay them out. With --thorough of all."""
    assert CALLS[name]() is None, "a notebook would show it twice"
    (drawn,) = shown
    assert re.fullmatch(r"\w.{20,900}[.?!]", drawn.words), drawn.words
    assert not re.search(r"0x[0-9a-f]{6}|np\.|dtype|\bNone\b|<|[{}]", drawn.words), drawn.words
    if pytestconfig.getoption("thorough") or name in list(CALLS)[::3]:
        assert unread(drawn.figure) == []


def test_a_slider_holds_every_picture_with_its_label_and_shows_the_first_choice(shown):
    drawn = {"stride 1": 1, "stride <2>": 2, "stride 3": 3}
    assert picture.slider(lambda stride: DRAW["cnn"].positions(6, 3, stride, 0), drawn, "stride <2>") is None
    (one,) = shown
    figures = re.findall(r"<figure(.*?)><figcaption>(.*?)</figcaption><img alt=\"(.*?)\"", one._repr_html_())
    assert [bool(style) for style, _, _ in figures] == [True, False, True], "only the chosen one is seen"
    assert [label for _, label, _ in figures] == ["stride 1", "stride &lt;2&gt;", "stride 3"]
    assert [f"moves on by {stride} " in words for stride, (_, _, words) in enumerate(figures, 1)] == [True] * 3
    assert 'max="2" value="1"' in one._repr_html_()
    assert repr(one).count("An axis of 6 pixels") == 3, "words, where HTML can't be shown"


def test_after_a_slider_that_failed_pictures_are_shown_again(shown):
    with pytest.raises(ZeroDivisionError):
        picture.slider(lambda choice: 1 / choice, {"none": 0}, "none")
    DRAW["cnn"].positions(6, 3, 1, 0)
    assert len(shown) == 1


def test_a_text_on_its_own_colour_and_one_on_another_are_noticed():
    figure, axes = picture.subplots(figsize=(2, 2))
    axes.axhspan(0, 1, color=picture.RED)
    axes.set_axis_off()
    for text, height in (("faint", 0.2), ("fine", 0.5), ("hidden", 0.52)):
        axes.text(0.5, height, text, color="#a03040" if text == "faint" else PAPER)
    assert unread(figure) == ["faint", "fine on hidden"]


def unread(figure):
    """The texts of a figure that are faint, and those that lie on another."""
    places, background = texts(figure)
    faint = [text.get_text() for text, place in places.items() if pale(text, background[place])]
    return faint + [
        f"{one.get_text()} on {other.get_text()}"
        for one, other in itertools.combinations(places, 2)
        if overlap(places[one], places[other])
    ]


def texts(figure):
    """Where each text of a figure would be drawn, as slices of pixels, and the pixels without any text."""
    canvas, places = FigureCanvasAgg(figure), {}

    def noted(text, renderer, *args, **options):
        if text.get_visible() and text.get_text().strip():
            box, height = text.get_window_extent(renderer), int(renderer.height)
            places[text] = np.s_[height - round(box.y1) : height - round(box.y0), round(box.x0) : round(box.x1)]
            if text.get_bbox_patch():
                text.update_bbox_position_size(renderer)
                text.get_bbox_patch().draw(renderer)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Text, "draw", noted)
        canvas.draw()
    return places, np.asarray(canvas.buffer_rgba())[..., :3] / 255


def pale(text, pixels):
    """Whether more than a fifth of what lies behind a text has too little contrast with it."""
    *color, alpha = to_rgba(text.get_color(), text.get_alpha())
    ink = luminance(alpha * np.array(color) + (1 - alpha) * pixels)
    behind = luminance(pixels)
    ratio = (np.maximum(ink, behind) + 0.05) / (np.minimum(ink, behind) + 0.05)
    return pixels.size and np.mean(ratio < READABLE) > 0.2


def luminance(rgb):
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def overlap(one, other):
    """Whether two rectangles share more than the edges of their letters."""
    tall, wide = (min(a.stop, b.stop) - max(a.start, b.start) for a, b in zip(one, other, strict=True))
    return tall > 3 and wide > 1


def test_a_picture_is_html_and_where_that_is_not_shown_its_words(capsys):
    figure, _ = picture.subplots(figsize=(1, 1))
    made = picture.Picture(figure, 'a < b,\n    "quoted"')
    assert repr(made) == 'a < b, "quoted"'
    assert made._repr_html_().startswith('<img alt="a &lt; b, &quot;quoted&quot;" src="data:image/png;base64,iVBOR')
    picture.picture(lambda: (figure, "What a terminal shows."))()
    assert capsys.readouterr().out == "What a terminal shows.\n"


def test_pictures_look_the_same_in_a_dark_style(shown):
    from matplotlib import style

    with style.context("dark_background"):
        DRAW["mlp"].shares({"forward": 1.0, "backward": 2.0})
    axes = shown[0].figure.axes[0]
    assert (axes.get_facecolor(), axes.xaxis.label.get_color()) == (to_rgba(PAPER), picture.INK)


def test_words_say_what_was_drawn(shown):
    DRAW["setup"].versions((2, 4), (2, 5))
    DRAW["autograd"].errors({"a + b": 1e-9, "a * b": 1e-3})
    DRAW["mlp"].shares({"forward": 1.0, "backward": 3.0})
    DRAW["tensor"].broadcast((4, 3), (4,))
    assert [drawn.words for drawn in shown] == [
        "Found 2.4, needed 2.5, number below number: number 2 decides, counted from the left. "
        "A missing number counts as 0.",
        "The worst relative error of 2 gradients, a point each: the largest is 1.0e-03. Beyond 1e-06 are a * b.",
        "A bar, divided by shares of the time: forward: 25%; backward: 75%.",
        "The shapes (4, 3) and (4,), lined up from the right. They do not fit: the red sizes differ, and neither is 1.",
    ]


def test_importing_what_draws_does_not_import_matplotlib():
    text = (
        "import sys, tito.draw.mlp, tito.draw.data; sys.exit('matplotlib' in sys.modules or 'IPython' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", text], timeout=300).returncode == 0
