"""Find the instructor's cells in a submission: by their names, and where editors took the names, by text and place.

A cell keeps its name in its metadata, or as its id. Some editors drop both, and so does whoever copies a notebook into
a new one. Such a cell is recognised by what stands in it: a locked cell by its text, a solution by what it defines, an
answer by the question before it. Where doubt remains, the submission is refused: a person has to look at it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import dropwhile, takewhile
from typing import Any

from nbformat.v4 import new_markdown_cell
from rapidfuzz import fuzz, process

from autograder.judging.source import Source, squeezed
from tito.notebooks import grade_id, is_solution, parsed, without_magics
from tito.workspace import UserError

ALIKE = 75  # of 100: an edited cell is still this one
COMPARED = 4000  # characters of a cell, and ...
DEFINED = re.compile(r"(?m)^(?:async\s+def|def|class)\s+(\w+)")
ASSIGNED = re.compile(r"(?m)^(\w+)\s*(?::[^=\n]*)?=(?!=)")
MOST = 400  # ... nameless cells that are compared at most


@dataclass
class Recognition:
    """The search for a module's cells in a student's.

    found: grade_id → the student's cell
    notes: what a person may want to know
    dropped: cells that must not run beside the ones that were found
    """

    cells: list
    source: Source
    notes: list[str]
    found: dict[str, Any] = field(default_factory=dict)
    dropped: list = field(default_factory=list)
    nameless: list = field(default_factory=list)

    def identify(self) -> dict[str, Any]:
        """All cells that can be found. Raises UserError if nobody can tell which cell an answer is."""
        self._by_name()
        named = len(self.found)
        self.nameless = self._without_names()
        if self.nameless and self._missing():
            self._by_text()
            self._by_definition()
            self._by_likeness()
            self._by_place()
            if 2 * named < len(self.source.named_cells):
                self._refuse_doubt()
        self._by_what_stands_beside()
        if len(self.found) > named:
            count = len(self.found) - named
            whose = (
                "1 cell had lost its name, and was" if count == 1 else f"{count} cells had lost their names, and were"
            )
            self.notes.append(f"{whose} recognised by text and place")
        self.cells[:] = _without(self.cells, self.dropped)
        return self.found

    @cached_property
    def texts(self) -> dict[str, str]:
        """grade_id → the text that students received."""
        return {name: self.source.released_texts[cell.id] for name, cell in self.source.named_cells.items()}

    def _without_names(self) -> list:
        """The cells of which neither a name nor the text says what they are."""
        named = {cell.id for cell in self.source.named_cells.values()}
        known = self.texts.keys() | self.source.released_texts.keys()
        nobodys = {text for id_, text in self.source.released_texts.items() if id_ not in named} | {""}
        return [cell for cell in self.cells if not _names(cell) & known and squeezed(cell.source) not in nobodys]

    def _missing(self) -> list[str]:
        return [name for name in self.source.named_cells if name not in self.found]

    def _by_name(self) -> None:
        """By grade_id, or by id: a cell may keep its id when it has lost its metadata."""
        groups: dict[str, list] = {}
        for cell in self.cells:
            name = grade_id(cell)
            name = name if name in self.texts else cell.get("id")
            if name in self.texts:
                groups.setdefault(name, []).append(cell)
        for name, group in groups.items():
            self.found[name] = self._one_of(name, group)

    def _one_of(self, name: str, group: list) -> Any:
        """The cell that counts among several of one name: the last that was worked on, as in nbgrader."""
        untouched = [cell for cell in group if self._is_untouched(name, cell)]
        worked = _without(group, untouched)
        if not worked or not is_solution(self.source.named_cells[name]):
            worked, untouched = group, []
        self.dropped += untouched  # a stub that runs last would undo the solution
        if len(group) > 1:
            joined = len(worked) > 1 and self._is_answer(name)
            counts = "their texts are joined" if joined else "the last one counts"
            if untouched:
                counts = (
                    f"{counts}, without those that are as released" if len(worked) > 1 else "the answered one counts"
                )
            self.notes.append(f"{name}: stood there more than once, {counts}")
        return self._join(name, worked) if self._is_answer(name) else worked[-1]

    def _join(self, name: str, group: list) -> Any:
        """One cell with the texts of several, for a person to read: an answer that was split, or copied."""
        first, *rest = group
        texts = dict.fromkeys(cell.source for cell in group if not self._is_untouched(name, cell))
        first.source = "\n\n".join(texts) or first.source
        self.dropped += rest
        return first

    def _is_answer(self, name: str) -> bool:
        cell = self.source.named_cells[name]
        return is_solution(cell) and cell.cell_type != "code"

    def _is_untouched(self, name: str, cell) -> bool:
        return squeezed(cell.source) in (self.texts[name], "")

    def _take(self, name: str, group: list) -> None:
        self.found[name] = self._one_of(name, group)
        self.nameless = _without(self.nameless, group)

    def _by_text(self) -> None:
        """Cells whose text is as it was released."""
        for name in self._missing():
            same = [cell for cell in self.nameless if squeezed(cell.source) == self.texts[name]]
            if same and not is_solution(self.source.named_cells[name]):
                self._take(name, same)

    def _by_definition(self) -> None:
        """Solutions, by the functions and classes that they define; stubs of them, too."""
        defined = {name: _defined(cell.source) for name, cell in self.source.named_cells.items()}
        texts = {id(cell): squeezed(cell.source) for cell in self.nameless}
        names = {id(cell): _defined(cell.source) for cell in self.nameless}
        for name in self._missing():
            cell = self.source.named_cells[name]
            if not is_solution(cell) or self._is_answer(name):
                continue
            elsewhere = set().union(*(defined[other] for other in self.texts if other != name))
            own = defined[name] - elsewhere
            group = [one for one in self.nameless if texts[id(one)] == self.texts[name] or own & names[id(one)]]
            if group:
                self._take(name, group)

    def _by_likeness(self) -> None:
        """Locked cells that were edited."""
        candidates = {number: cell.source[:COMPARED] for number, cell in enumerate(self.nameless[:MOST])}
        for name in self._missing():
            if is_solution(self.source.named_cells[name]) or not candidates:
                continue
            text = self.texts[name][:COMPARED]
            best = process.extractOne(text, candidates, scorer=fuzz.ratio, score_cutoff=ALIKE)
            if best:
                self.found[name] = self.nameless[best[2]]
                del candidates[best[2]]
        self.nameless = _without(self.nameless, self.found.values())

    def _by_place(self) -> None:
        """Answers, by the cell that they follow."""
        before: dict[int, list[str]] = {}  # id of the student's cell → answers that are missing behind this one
        for name in self._missing():
            if self._is_answer(name) and (anchor := self._before(name)) is not None:
                before.setdefault(id(anchor), []).append(name)
        for anchor, names in before.items():
            group = self._behind(anchor)
            if len(names) == 1 and group:
                self._take(names[0], group)
            elif len(names) == len(group):
                for name, cell in zip(names, group, strict=True):
                    self._take(name, [cell])

    def _by_what_stands_beside(self) -> None:
        """Answers whose own cell is as released, or gone: what the student wrote around it, for a person to read."""
        for name in filter(self._is_answer, self.texts):
            if name in self.found and not self._is_untouched(name, self.found[name]):
                continue
            question, own = self._before(name), self.found.get(name)
            beside = self._written_behind(question) if own is None else self._written_around(own)
            if texts := dict.fromkeys([*self._added_to(question), *(cell.source for cell in beside)]):
                self.found[name] = self._answer(own, question, "\n\n".join(texts))
                self.dropped += [cell for cell in beside if cell.cell_type != "code"]
                self.notes.append(f"{name}: its own cell has no answer; what stands beside it counts as the answer")

    def _answer(self, own: Any, question: Any, text: str) -> Any:
        """The student's own cell, or a new one behind the question, with a text."""
        if own is None:
            own = new_markdown_cell()
            at = next(number for number, cell in enumerate(self.cells) if cell is question)
            self.cells.insert(at + 1, own)
        own.source = text
        return own

    def _written_around(self, place: Any) -> list:
        """The student's own texts around a cell, up to the next cells of the course."""
        self.cells.reverse()
        before = self._written_behind(place)
        self.cells.reverse()
        return [*reversed(before), *self._written_behind(place)]

    def _written_behind(self, place: Any) -> list:
        """The student's own texts behind a cell, up to the next cell of the course. Code between them is no text."""
        course, own = set(map(id, self.found.values())), set(map(id, self.nameless))
        behind = dropwhile(lambda cell: cell is not place, self.cells)
        next(behind, None)
        run = takewhile(lambda cell: id(cell) not in course and (id(cell) in own or not cell.source.strip()), behind)
        return list(filter(_is_prose, run))

    def _added_to(self, question: Any) -> list[str]:
        """What the student wrote into the course's text before an answer."""
        name = next((name for name, cell in self.found.items() if cell is question), None)
        original = self.source.named_cells.get(name or "")
        if original is None or is_solution(original) or original.cell_type == "code":
            return []
        known = {line.strip() for line in original.source.splitlines()}
        text = "\n".join(line for line in question.source.splitlines() if line.strip() not in known)
        return [text] * bool(text)

    def _before(self, name: str) -> Any:
        """The student's cell that stands where the cell before `name` stands in the source."""
        ids = list(self.source.released_texts)
        names = {cell.id: one for one, cell in self.source.named_cells.items()}
        for id_ in reversed(ids[: ids.index(self.source.named_cells[name].id)]):
            if id_ in names:
                if names[id_] in self.found:
                    return self.found[names[id_]]
                continue
            text = self.source.released_texts[id_]
            for cell in self.cells:
                if cell.get("id") == id_ or (text and squeezed(cell.source) == text):
                    return cell
        return None

    def _behind(self, anchor: int) -> list:
        """The nameless texts that follow a cell, up to the next cell that is anything else."""
        start = next(number for number, cell in enumerate(self.cells) if id(cell) == anchor)
        group, nameless = [], set(map(id, self.nameless))
        for cell in self.cells[start + 1 :]:
            if not cell.source.strip():
                continue
            if id(cell) not in nameless or cell.cell_type == "code":
                break
            group.append(cell)
        return group

    def _refuse_doubt(self) -> None:
        """Raise UserError if something that is left may be an answer that is missing."""
        for name in self._missing():
            if not is_solution(self.source.named_cells[name]):
                continue
            answer = self._is_answer(name)
            left = [cell for cell in self.nameless if (cell.cell_type != "code") == answer]
            if left:
                begin = squeezed(left[0].source).splitlines()[0][:40]
                raise UserError(
                    f"Most cells have lost their names, and nobody can tell which cell is {name}: perhaps the one "
                    f"that begins with {begin!r}? Copy the answers into the cells of a fresh release, and put that "
                    "into submitted/."
                )


def _names(cell) -> set:
    return {grade_id(cell), cell.get("id")}


def _without(cells: Iterable, others: Iterable) -> list:
    """The cells that are none of the others: equal ones are not the same."""
    known = set(map(id, others))
    return [cell for cell in cells if id(cell) not in known]


def _is_prose(cell) -> bool:
    """Whether a cell is text: of some other kind than code, or code that says nothing to Python."""
    text = cell.source if cell.cell_type != "code" else without_magics(cell.source)
    return bool(text.strip()) and (cell.cell_type != "code" or not parsed(text).body)


def _defined(text: str) -> set[str]:
    """Names that a cell defines at its top level, even if its text does not compile."""
    return set(DEFINED.findall(text)) | set(ASSIGNED.findall(text))
