"""A simulated class: what real students hand in, good and bad, and the score that each is due.

People decided the due scores: a version loses the question that it is about (`losses`), and no other.
"""

import copy
import json
from dataclasses import dataclass, replace
from pathlib import Path

import nbformat

from autograder.demo.versions import Version, losses, read_versions, with_cells
from autograder.judging.gaps import counts
from autograder.judging.source import SOLUTION, Source
from tito.notebooks import grade_id, is_check, is_manual, is_stub, read

STRIP_ASSERTS = """import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Raise(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Strip())"""

NOISE = "import sys, warnings\nprint('noise', file=sys.stderr)\nwarnings.warn('more noise')"


@dataclass(frozen=True)
class HandIn:
    """One student's work on one module: the file's name and text, and the due points (None: it can't be graded).

    most: with what may be earned in part, where a lost question has several gaps; such a score stays below it
    """

    student: str
    what: str
    file: str
    text: str
    due: float | None
    most: float | None = None

    def is_due(self, score: float | None) -> bool:
        """Whether a score is what was due."""
        if score is None or self.due is None or self.most is None:
            return score == self.due
        return self.due <= score < self.most


class Simulation:
    """The class's work on one module."""

    def __init__(self, source: Source, release: Path, versions: Path):
        self.source = source
        self.release = read(release)
        self.stubs = _stubs(source)
        self.solved = {name: _unmarked(source.named_cells[name].source) for name in self.stubs}
        self.answers = {name: cell.source for name, cell in source.named_cells.items() if is_manual(cell)}
        self.rights = read_versions(versions, source.module, "right")
        self.wrongs = read_versions(versions, source.module, "wrong")
        self.broken = read_versions(versions, source.module, "broken")

    def submissions(self) -> list[HandIn]:
        """One submission of each kind, and several right and wrong versions."""
        good, everything = self.perfect(), frozenset(self.source.check_cells)
        # "abel" never ends: the first in the alphabet runs beside all others
        names = iter(("grace", "alan", "bert", "carl", "dora", "abel", "fay", "gus", "hal"))
        versions = [*self.rights[:2], *self._spread(), *self.broken]
        return [
            self._hand_in("ada", "all right", good),
            *(self._version(name, version) for name, version in zip(names, versions, strict=False)),
            self._hand_in("ida", "nothing done", self.release, everything),
            self._hand_in("jan", "noise on stderr", _append_to_answers(good, NOISE)),
            self._hand_in("kim", "a graded cell deleted", _without_first_check(good)),
            self._hand_in("leo", "metadata flipped, nothing done", _flipped(self.release), everything),
            self._hand_in("mia", "asserts stripped, nothing done", stripped(self.release), everything),
            self._hand_in("ned", "notebook renamed", good, file=f"{self.source.module}_final (1).ipynb"),
            HandIn("ole", "notebook cut off", self.source.path.name, nbformat.writes(good)[:2000], None),
        ]

    def perfect(self):
        """The released notebook with all stubs solved and all questions answered."""
        return with_cells(self.release, self.source, self.solved | self.answers)

    def _hand_in(self, student: str, what: str, notebook, loses=frozenset(), file: str | None = None) -> HandIn:
        due = sum(self.source.points(name) for name in self.source.check_cells if name not in loses)
        return HandIn(student, what, file or self.source.path.name, nbformat.writes(notebook), due)

    def _version(self, student: str, version: Version) -> HandIn:
        notebook, loses = with_cells(self.perfect(), self.source, version.cells), losses(version, self.source)
        one = self._hand_in(student, f"{version.kind}: {version.name.replace('_', ' ')}", notebook, loses)
        in_part = sum(self.source.points(name) for name in loses if name in counts(self.source))
        return replace(one, most=(one.due or 0) + in_part) if in_part else one

    def _spread(self) -> list[Version]:
        """Three wrong versions, spread over the module."""
        return self.wrongs[:: max(1, len(self.wrongs) // 3)][:3]


def _stubs(source: Source) -> list[str]:
    cells = source.named_cells.items()
    return [name for name, cell in cells if cell.cell_type == "code" and cell.metadata["nbgrader"]["solution"]]


def _unmarked(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.strip().startswith(SOLUTION))


def _append_to_answers(notebook, text: str):
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if is_stub(cell):
            cell.source += f"\n{text}"
    return notebook


def _without_first_check(notebook):
    notebook = copy.deepcopy(notebook)
    first = next(cell for cell in notebook.cells if is_check(cell))
    notebook.cells = [cell for cell in notebook.cells if cell is not first]
    return notebook


def _flipped(notebook):
    """Every check made a manually graded answer, every stub a graded cell, all worth a thousand points."""
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if grade_id(cell):
            meta = cell.metadata["nbgrader"]
            meta |= {"grade": not meta["grade"], "solution": not meta["solution"], "locked": False, "points": 1000}
    return json.loads(nbformat.writes(notebook), object_hook=nbformat.NotebookNode)


def stripped(notebook):
    """A notebook whose first cell has Python leave out every `assert` and every `raise` from then on."""
    notebook = copy.deepcopy(notebook)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRIP_ASSERTS))
    return notebook
