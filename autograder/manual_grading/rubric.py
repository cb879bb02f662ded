"""A mark scheme as a list: what earns points, and how many."""

import re
from dataclasses import dataclass

ITEM = re.compile(r"(?m)^[ \t]*(?:[-*][ \t]+)?(\d+(?:\.\d+)?|\.\d+|½) points?:[ \t]*")


@dataclass(frozen=True)
class RubricItem:
    """One thing that earns points."""

    points: float
    text: str


@dataclass(frozen=True)
class Rubric:
    """The items of a mark scheme. remarks: what stands before the first of them, or all, if there is no item."""

    remarks: str
    items: tuple[RubricItem, ...]


def rubric_of(text: str) -> Rubric:
    """The rubric that a mark scheme's text is. An item begins on its own line, as in `1 point: both numbers`."""
    remarks, *parts = ITEM.split(text)
    items = [RubricItem(_number(points), _joined(said)) for points, said in zip(parts[::2], parts[1::2], strict=True)]
    return Rubric(_joined(remarks), tuple(items))


def _number(text: str) -> float:
    return 0.5 if text == "½" else float(text)


def _joined(text: str) -> str:
    """A text without the ends of lines at which its author wrapped it; paragraphs stay."""
    return "\n\n".join(" ".join(part.split()) for part in re.split(r"\n[ \t]*\n", text.strip()))
