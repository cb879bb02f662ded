"""Joining a version of the template with what an instructor changed: cell by cell, line by line, key by key.

Nothing here reads a file or asks git. Where both changed the same, the instructor's stays, and what was left out is
named. It is the merge of students' updates (tito/merge.py), with one difference: an instructor also owns what grading
needs, such as points, the order of cells, and which cells there are.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

import yaml

from tito.merge import merge_text
from tito.notebooks import cell_name, syntax_error

ABSENT: Any = object()  # a key, or a cell, that a side does not have


@dataclass(frozen=True)
class LeftOut:
    """What the template changed and the instructor does not have. lines: of a diff"""

    where: str
    why: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sides:
    """One thing as it was (`base`), as the instructor has it (`own`), and as the template has it (`fresh`)."""

    base: Any
    own: Any
    fresh: Any

    def of(self, take: Callable[[Any], Any]) -> "Sides":
        """A part of it, on all sides."""
        return Sides(*(take(side) for side in (self.base, self.own, self.fresh)))

    @property
    def settled(self) -> Any:
        """The side that counts where not both changed it; None where both did."""
        if self.own == self.fresh or self.fresh == self.base:
            return (self.own,)
        return (self.fresh,) if self.own == self.base else None


def join_texts(sides: Sides, where: str, fault: Callable[[str], str]) -> tuple[str, list[LeftOut]]:
    """The text of both sides. fault: says what is wrong with a text, "" for nothing; no fault comes in by joining."""
    if sides.settled:
        return sides.settled[0], []
    text, left_out = merge_text(sides.base, sides.own, sides.fresh)
    if fault(text) and not fault(sides.own):
        return sides.own, [
            LeftOut(where, "both sides together do not fit; yours is kept", _diff(sides.base, sides.fresh))
        ]
    lines = _diff(sides.base, left_out)
    return text, [LeftOut(where, "you changed the same lines; yours are kept", lines)] if lines else []


def join_data(sides: Sides, where: str) -> tuple[Any, list[LeftOut]]:
    """Plain data of both sides, key by key. A side may be ABSENT."""
    if sides.settled:
        return sides.settled[0], []
    if not all(isinstance(side, dict) or side is ABSENT for side in (sides.base, sides.own, sides.fresh)):
        return sides.own, [_left_out(sides, where)]
    if sides.own is ABSENT or sides.fresh is ABSENT:
        return sides.own, [_left_out(sides, where)]
    made, left = {}, []
    base = {} if sides.base is ABSENT else sides.base
    for key in [*sides.fresh, *(key for key in sides.own if key not in sides.fresh)]:
        parts = Sides(*(side.get(key, ABSENT) for side in (base, sides.own, sides.fresh)))
        value, more = join_data(parts, f"{where}: {key}")
        left += more
        if value is not ABSENT:
            made[key] = value
    return made, left


def join_notebooks(sides: Sides, where: str) -> tuple[dict, list[LeftOut]]:
    """The notebook of both sides, whose cells' sources are texts."""
    head, left = join_data(sides.of(lambda notebook: {**notebook, "cells": None}), where)
    base, fresh = _by_name(sides.base["cells"], []), _by_name(sides.fresh["cells"], [])
    own = _by_name(sides.own["cells"], [*base.items(), *fresh.items()])
    kept: dict[str, dict] = {}
    for name in dict.fromkeys([*own, *fresh]):
        parts = Sides(*(side.get(name, ABSENT) for side in (base, own, fresh)))
        cell, more = _join_cells(parts, f"{where}: {name}")
        left += more
        if cell is not ABSENT:
            kept[name] = cell
    order, more = _order(Sides(list(base), list(own), list(fresh)), kept, where)
    return {**head, "cells": [kept[name] for name in order]}, left + more


def _by_name(cells: list[dict], known: list[tuple[str, dict]]) -> dict[str, dict]:
    """name → cell, in order. A name that stands twice gets a number, and a cell without one the name of its twin.

    known: the cells of other sides. Some editors drop the names of cells: a cell with the text of one that is missing
    is that cell.
    """
    found: dict[str, dict] = {}
    named = {cell_name(cell) for cell in cells}
    for cell in cells:
        twins = (
            name for name, other in known if name not in named | found.keys() and other["source"] == cell["source"]
        )
        name = cell_name(cell) or next(twins, None) or f"a cell without a name ({cell['source'][:30]!r})"
        number, free = 2, name
        while free in found:
            free, number = f"{name} ({number})", number + 1
        found[free] = cell
    return found


def _join_cells(sides: Sides, where: str) -> tuple[Any, list[LeftOut]]:
    if ABSENT in (sides.own, sides.fresh):
        if sides.settled:
            return sides.settled[0], []
        if sides.own is ABSENT:
            why = "the template changed this cell, which you removed"
            return ABSENT, [
                LeftOut(where, why, _diff(sides.base["source"], sides.fresh["source"]) or ("other metadata",))
            ]
        return sides.own, [LeftOut(where, "the template removed this cell, which you changed; yours is kept")]
    source = sides.of(lambda cell: "" if cell is ABSENT else cell["source"])
    rest = sides.of(lambda cell: ABSENT if cell is ABSENT else {**cell, "source": None})
    made, left = join_data(rest, where)
    code = made["cell_type"] == "code"
    text, more = join_texts(source, where, syntax_error if code else lambda text: "")
    return {**made, "source": text}, left + more


def _order(sides: Sides, kept: dict, where: str) -> tuple[list[str], list[LeftOut]]:
    """The names of the cells that are kept, in the order of the side that moved some; the instructor's if both did."""
    common = [name for name in sides.base if name in sides.own and name in sides.fresh]
    moved = sides.of(lambda names: [name for name in names if name in common])
    skeleton, other = (sides.fresh, sides.own) if moved.settled and moved.own == common else (sides.own, sides.fresh)
    made, after = [name for name in skeleton if name in kept], None
    for name in other:
        if name in kept and name not in made:
            made.insert(made.index(after) + 1 if after else 0, name)
        after = name if name in made else after
    left = (
        [] if moved.settled else [LeftOut(where, "the template moved cells, and so did you; yours are where you want")]
    )
    return made, left


def _left_out(sides: Sides, where: str) -> LeftOut:
    shown = sides.of(lambda side: "nothing" if side is ABSENT else json.dumps(side, ensure_ascii=False, default=str))
    return LeftOut(where, f"you have {shown.own}", (f"-{shown.base}", f"+{shown.fresh}"))


def _diff(before: str, after: str) -> tuple[str, ...]:
    """What a diff shows. A text without a character has no line."""
    old, new = (text.split("\n") if text else [] for text in (before, after))
    return tuple(list(unified_diff(old, new, lineterm="", n=1))[2:])


def fault_in(name: str) -> Callable[[str], str]:
    """A function that says what is wrong with the text of a file of this name."""
    readers: dict[str, Callable] = {"json": json.loads, "yml": yaml.safe_load, "yaml": yaml.safe_load}
    if name.endswith(".py"):
        return syntax_error
    read = readers.get(name.rpartition(".")[2])

    def fault(text: str) -> str:
        try:
            read(text) if read else None
        except (ValueError, yaml.YAMLError) as error:
            return str(error)
        return ""

    return fault
