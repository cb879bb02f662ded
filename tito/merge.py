"""Joining what the course corrected with what somebody wrote: line by line inside a cell, cell by cell in a notebook.

Nothing here reads a file or asks git. Whoever wrote something else than the course gave is the author: a student, or an
instructor who keeps a course of their own. No line of the author's is ever dropped.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher, unified_diff

from tito.notebooks import cell_name, grade_id


@dataclass(frozen=True)
class Edit:
    """Lines `first` to `last` (exclusive) of a text become `lines`. With first == last, `lines` are added there."""

    first: int
    last: int
    lines: tuple[str, ...]

    def touches(self, other: "Edit") -> bool:
        """Whether both change the same line, or add lines at the same place, or one adds inside the other."""
        overlap = self.first < other.last and other.first < self.last
        return overlap or (self.first, self.last) == (other.first, other.last)


@dataclass(frozen=True)
class Met:
    """A cell in which the author and the course both changed something.

    before, after: the author's text, and what became of it
    given, left_out: the course's old text, and the same with the corrections that the author's own lines kept out
    """

    name: str
    before: str
    after: str
    given: str
    left_out: str

    def diffs(self) -> tuple[list[str], list[str]]:
        """What came into the author's cell, and what was left out, each as the lines of a diff."""
        return _diff(self.before, self.after), _diff(self.given, self.left_out)


@dataclass
class Merged:
    """A notebook that holds both sides, and the cells in which both sides met."""

    notebook: dict
    met: list[Met] = field(default_factory=list)


def merge_text(base: str, own: str, fresh: str) -> tuple[str, str]:
    """Put what the course changed between `base` and `fresh` into `own`, line by line.

    Returns the result; and `base` with those corrections alone that touch lines of the author's, who keeps them.
    """
    if own and not base:  # a text without lines gives the two sides no place to meet
        return own, base if fresh == own else fresh
    lines = base.split("\n")
    mine, theirs = _edits(lines, own.split("\n")), _edits(lines, fresh.split("\n"))
    kept_out = [edit for edit in theirs if edit not in mine and any(map(edit.touches, mine))]
    taken = [edit for edit in theirs if edit not in mine and edit not in kept_out]
    return _applied(lines, [*mine, *taken]), _applied(lines, kept_out)


def merge(base: dict, own: dict, fresh: dict) -> Merged:
    """Put what an author changed between the notebooks `base` and `own` into `fresh`.

    Cells are the same if they have the same name. A cell that the author deleted comes back only if grading needs it.
    A cell that is not the course's follows the cell that it followed.
    """
    old = {cell_name(cell): cell for cell in base["cells"]}
    names = _names([*base["cells"], *fresh["cells"]], own["cells"])
    mine = {name: cell for name, cell in zip(names, own["cells"], strict=True) if name is not None}
    added = _additions(names, own, old, fresh)
    merged = Merged({**fresh, "cells": added.pop(None, [])})
    for cell in fresh["cells"]:
        name = cell_name(cell)
        if name in mine:
            merged.notebook["cells"].append(_joined(merged, old.get(name, cell), mine[name], cell))
        elif name not in old or grade_id(cell):
            merged.notebook["cells"].append(cell)
        merged.notebook["cells"] += added.get(name, [])
    return merged


def nearest(own: dict, versions: Iterable[dict]) -> int:
    """The index of the version from which `own` was made: the one whose lines differ least. The first of equals."""
    mine = _lines(own)
    distances = [(mine - lines).total() + (lines - mine).total() for lines in map(_lines, versions)]
    return distances.index(min(distances))


def _edits(base: list[str], text: list[str]) -> list[Edit]:
    codes = SequenceMatcher(None, base, text, autojunk=False).get_opcodes()
    return [Edit(i, j, tuple(text[k:m])) for what, i, j, k, m in codes if what != "equal"]


def _applied(lines: list[str], edits: list[Edit]) -> str:
    """The text after `edits`, of which no two touch each other."""
    made, done = [], 0
    for edit in sorted(edits, key=lambda edit: (edit.first, edit.last)):
        made += [*lines[done : edit.first], *edit.lines]
        done = edit.last
    return "\n".join([*made, *lines[done:]])


def _names(known: list[dict], own: list[dict]) -> list[str | None]:
    """For each of the author's cells the name of the course's cell that it is, None for one of the author's own.

    A cell that was copied has its name twice: the first has it. Some editors drop the names of cells: a cell with the
    text of one of the course's cells is that cell.
    """
    courses, found = {cell_name(cell) for cell in known}, []
    for cell in own:
        name = cell_name(cell)
        found.append(name if name and name in courses and name not in found else None)
    for cell in known:
        unnamed = (at for at, one in enumerate(own) if found[at] is None and not cell_name(one))
        same = next((at for at in unnamed if own[at]["source"] == cell["source"]), None)
        if same is not None and cell_name(cell) not in found:
            found[same] = cell_name(cell)
    return found


def _additions(names: list[str | None], own: dict, old: dict, fresh: dict) -> dict[str | None, list]:
    """The cells that only the author has: the name of the cell that they follow -> the cells."""
    kept = {cell_name(cell) for cell in fresh["cells"]}
    added, last = {}, None
    for name, cell in zip(names, own["cells"], strict=True):
        if name in kept:
            last = name
        elif name is None:
            added.setdefault(last, []).append(cell)
        elif cell["source"] != old[name]["source"]:  # the course removed it: now it is the author's own
            added.setdefault(last, []).append({**cell, "metadata": {}})
    return added


def _joined(merged: Merged, old: dict, mine: dict, cell: dict) -> dict:
    """`cell` with the author's text in it."""
    source, left_out = merge_text(old["source"], mine["source"], cell["source"])
    if mine["source"] != old["source"] and cell["source"] not in (old["source"], mine["source"]):
        merged.met.append(Met(cell_name(cell), mine["source"], source, old["source"], left_out))
    same = ("outputs", "execution_count") if source == mine["source"] else ()
    kept = {key: mine[key] for key in same if key in mine and key in cell}
    pictures = {**cell.get("attachments", {}), **mine.get("attachments", {})}
    return {**cell, **kept, **({"attachments": pictures} if pictures else {}), "source": source}


def _lines(notebook: dict) -> Counter[str]:
    return Counter(line.rstrip() for cell in notebook["cells"] for line in cell["source"].split("\n"))


def _diff(before: str, after: str) -> list[str]:
    if before == after:
        return []
    return list(unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=1))[2:]
