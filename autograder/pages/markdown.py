"""Turn people's markdown into HTML that is safe to open: nothing in it acts, and nothing loads.

Formulas become MathML, which browsers draw by themselves. They are built from elements and attributes that
only formulas have, and put in after everything else was cleaned.
"""

import functools
import html
import re
import secrets
from xml.etree import ElementTree

import nh3
from latex2mathml.converter import convert_to_element
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathInlineParser

TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
HEADINGS = {f"h{level}" for level in range(1, 7)}
WORDS = {"a", "abbr", "acronym", "b", "code", "del", "em", "i", "span", "strong", "sub", "sup"}
BLOCKS = {"blockquote", "br", "div", "hr", "img", "li", "ol", "p", "pre", "ul"}
TAGS = WORDS | BLOCKS | TABLES | HEADINGS
ATTRIBUTES = {"*": {"alt", "class", "id", "title"}, "a": {"href"}, "img": {"src"}}
SAFE_LINKS = ("#", "http://", "https://", "mailto:")

MATH_TAGS = {"math", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "mspace", "msqrt"}
MATH_TAGS |= {"mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover", "menclose"}
MATH_ATTRIBUTES = {
    "accent",
    "columnalign",
    "columnspacing",
    "depth",
    "display",
    "displaystyle",
    "fence",
    "form",
    "height",
}
MATH_ATTRIBUTES |= {"linethickness", "lspace", "mathsize", "mathvariant", "maxsize", "minsize", "movablelimits"}
MATH_ATTRIBUTES |= {"notation", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "width"}


def safe_markdown(text: str, pictures: dict[str, str] | None = None) -> str:
    """HTML of somebody's markdown. pictures: address in the text → data: address of the picture to show."""
    return _drawn(text, pictures) if "![" in text or "<" in text else _without_pictures(text)


@functools.lru_cache(maxsize=5000)  # most texts on the pages are the same for a whole class
def _without_pictures(text: str) -> str:
    return _drawn(text, None)


def _drawn(text: str, pictures: dict[str, str] | None) -> str:
    try:
        renderer = _Renderer(pictures or {})
        page = safe_html(MarkdownWithMath(renderer, inline=_Parser(hard_wrap=False)).render(text))
        return renderer.with_formulas(page)
    except Exception:  # people write anything, and must get a page all the same
        return f"<pre>{html.escape(text)}</pre>"


def safe_html(text: str) -> str:
    """HTML without anything that acts or loads. The text of removed elements stays."""
    return nh3.clean(
        text,
        tags=TAGS,
        clean_content_tags=set(),
        attributes=ATTRIBUTES,
        attribute_filter=_safe_value,
        url_schemes={"http", "https", "mailto", "data"},
        link_rel=None,
    )


def _safe_value(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute; None if it leads to something unsafe."""
    safe = {"href": value.startswith(SAFE_LINKS), "src": value.startswith("data:image/")}
    return value if safe.get(name, True) else None


class _Parser(MathInlineParser):
    """nbconvert's parser, except that prices and code are no formulas: "5$ and `x`", "$5 and $6"."""

    SPECIFICATION = MathInlineParser.SPECIFICATION | {
        "inline_math_tex": r"(?<![$\\])\$(?P<math_inline_tex>(?:[^`$\\\n]|\\.|\n(?!\s*\n))+)\$(?![$\d])"
    }


class _Renderer(IPythonRenderer):
    """nbconvert's renderer, except that it sets formulas aside, and shows only pictures known to be harmless."""

    def __init__(self, pictures: dict[str, str]):
        super().__init__(escape=False, embed_images=True, exclude_anchor_links=True)
        self.pictures = pictures
        self.formulas: list[str] = []
        self.mark = secrets.token_hex(8)  # nobody can guess it

    def _src_to_base64(self, src: str) -> str | None:
        return self.pictures.get(src.removeprefix("./"))

    def _embed_image_or_attachment(self, src: str) -> str:
        return self._src_to_base64(src) or src

    def inline_math(self, body: str) -> str:
        """A placeholder for a formula in a line."""
        return self._aside(formula(body, "inline"))

    def block_math(self, body: str) -> str:
        """A placeholder for a formula on lines of its own."""
        return self._aside(formula(body, "block"))

    def latex_environment(self, name: str, body: str) -> str:
        """A placeholder for a formula in a LaTeX environment."""
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def _aside(self, made: str) -> str:
        self.formulas.append(made)
        return f'<code class="{self.mark}-{len(self.formulas) - 1}"></code>'

    def with_formulas(self, page: str) -> str:
        """The page with its formulas in place. In an attribute `<` is escaped, so no placeholder is replaced there."""
        return re.sub(rf'<code class="{self.mark}-(\d+)"></code>', lambda found: self.formulas[int(found[1])], page)


def formula(tex: str, display: str) -> str:
    """MathML of a formula; the text itself if it is no formula. display: "inline" or "block"."""
    try:
        element = convert_to_element(tex.strip(), display=display)
        _strip(element)
        return ElementTree.tostring(element, encoding="unicode")
    except Exception:  # people write anything, and its text can be shown
        return f"<code>{html.escape(tex)}</code>"


def _strip(element: ElementTree.Element) -> None:
    """Keep only harmless elements and attributes. Unescape the text, which would be escaped twice otherwise."""
    if element.tag not in MATH_TAGS:
        element.tag = "mrow"
    for name in set(element.attrib) - MATH_ATTRIBUTES - {"xmlns"}:
        del element.attrib[name]
    element.text = html.unescape(element.text or "")
    for child in element:
        _strip(child)
