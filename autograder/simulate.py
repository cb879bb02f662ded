"""A simulated class: what real students hand in, good and bad, and the score that each is due.

What is due is worked out from the notebook's text, not by running it: a graded cell is lost when it
needs, directly or through other stubs, one that is missing or broken.
"""

import ast
import copy
import json
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.source import SOLUTION, Source
from autograder.versions import Version, read_versions, with_cells
from tito.notebooks import grade_id, is_check, read

STRIP_ASSERTS = """import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Raise(self, node):
        return ast.Pass()
get_ipython().ast_transformers.append(Strip())"""

NOISE = "import sys, warnings\nprint('noise', file=sys.stderr)\nwarnings.warn('more noise')"


@dataclass(frozen=True)
class Submission:
    """One student's work on one module: the file's name and text, and the points due (None: it can't be graded)."""

    student: str
    what: str
    file: str
    text: str
    due: float | None


class Simulation:
    """The class's work on one module."""

    def __init__(self, source: Source, release: Path, versions: Path):
        self.source = source
        self.release = read(release)
        self.stubs = _stubs(source)
        self.solved = {name: _unmarked(source.named_cells[name].source) for name in self.stubs}
        self.needed = _needed(source, self.stubs)
        self.rights = read_versions(versions, source.module, "right")
        self.wrongs = read_versions(versions, source.module, "wrong")

    def submissions(self) -> list[Submission]:
        """Every kind of student once; several for right and wrong versions."""
        good = self.perfect()
        return [
            self._hand_in("ada", "all right", good),
            *(self._right(name, version) for name, version in zip(("grace", "alan"), self.rights, strict=False)),
            *(
                self._wrong(name, version)
                for name, version in zip(("bert", "carl", "dora"), self._spread(), strict=False)
            ),
            self._half_done("emil"),
            self._hand_in("fay", "nothing done", self.release, lost=set(self.stubs)),
            self._broken("gus", "a syntax error", 0, "def broken(:\n    pass"),
            self._broken("hal", "an endless loop", 1, self._stub(1, "while True:\n        pass")),
            self._broken("ida", "os._exit", 2, self._stub(2, "import os\n    os._exit(0)")),
            self._hand_in("jan", "noise on stderr", _append_everywhere(good, NOISE)),
            self._hand_in("kim", "a graded cell deleted", _without_first_check(good)),
            self._hand_in("leo", "metadata flipped, nothing done", _flipped(self.release), lost=set(self.stubs)),
            self._hand_in("mia", "asserts stripped, nothing done", _prepended(self.release), lost=set(self.stubs)),
            self._hand_in("ned", "notebook renamed", good, file=f"{self.source.module}_final (1).ipynb"),
            Submission("ole", "notebook cut off", self.source.path.name, nbformat.writes(good)[:2000], None),
        ]

    def perfect(self):
        return with_cells(self.release, self.source, self.solved)

    def due(self, lost: set[str]) -> float:
        """Points of the graded cells that need none of the stubs `lost`."""
        kept = [name for name in self.source.check_cells if not self.needed[name] & lost]
        return sum(map(self.source.points, kept))

    def _hand_in(self, student: str, what: str, notebook, lost=frozenset(), file: str | None = None) -> Submission:
        text = nbformat.writes(notebook)
        return Submission(student, what, file or self.source.path.name, text, self.due(set(lost)))

    def _right(self, student: str, version: Version) -> Submission:
        notebook = with_cells(self.perfect(), self.source, version.cells)
        return self._hand_in(student, f"right, but different: {version.name}", notebook)

    def _wrong(self, student: str, version: Version) -> Submission:
        text = nbformat.writes(with_cells(self.perfect(), self.source, version.cells))
        due = self.due(set()) - sum(map(self.source.points, version.loses))
        return Submission(student, f"wrong: {version.name}", self.source.path.name, text, due)

    def _spread(self) -> list[Version]:
        """Three wrong versions, from all over the module."""
        return self.wrongs[:: max(1, len(self.wrongs) // 3)][:3]

    def _half_done(self, student: str) -> Submission:
        half = self.stubs[: len(self.stubs) // 2]
        notebook = with_cells(self.release, self.source, {name: self.solved[name] for name in half})
        return self._hand_in(student, "half done", notebook, lost=set(self.stubs) - set(half))

    def _broken(self, student: str, what: str, nth: int, text: str) -> Submission:
        name = self._by_dependents()[nth]
        notebook = with_cells(self.perfect(), self.source, {name: text})
        return self._hand_in(student, f"{what} in {name}", notebook, lost={name})

    def _stub(self, nth: int, body: str) -> str:
        """The function of a stub cell with another body."""
        name = self._by_dependents()[nth]
        return f"def {name}(*arguments, **options):\n    {body}"

    def _by_dependents(self) -> list[str]:
        """Stubs that are functions, those that the fewest graded cells need first."""
        functions = [name for name in self.stubs if not name[0].isupper()]
        return sorted(functions, key=lambda name: sum(name in needed for needed in self.needed.values()))


def _stubs(source: Source) -> list[str]:
    cells = source.named_cells.items()
    return [name for name, cell in cells if cell.cell_type == "code" and cell.metadata["nbgrader"]["solution"]]


def _unmarked(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.strip().startswith(SOLUTION))


def _needed(source: Source, stubs: list[str]) -> dict[str, set[str]]:
    """Graded cell → the stubs that its text names, and those that theirs name, and so on."""
    defines: dict[str, set[str]] = {}  # name → cells that define it
    uses: dict[str, set[str]] = {}  # cell → names it uses
    code = [cell for cell in source.notebook.cells if cell.cell_type == "code" and not cell.source.startswith("%")]
    for cell in code:
        tree = ast.parse(cell.source)
        uses[cell.id] = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        for name in _defined(tree) if not is_check(cell) else ():
            defines.setdefault(name, set()).add(cell.id)
    return {name: _closure(name, uses, defines) & set(stubs) for name in source.check_cells}


def _defined(tree: ast.Module) -> set[str]:
    """Names that a cell gives to functions, classes, imports and variables."""
    made = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = [target for node in tree.body if isinstance(node, ast.Assign) for target in node.targets]
    return made | {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def _closure(cell: str, uses: dict[str, set[str]], defines: dict[str, set[str]]) -> set[str]:
    found, waiting = set(), {cell}
    while waiting:
        found |= waiting
        names = set().union(*(uses[one] for one in waiting))
        waiting = set().union(*(defines.get(name, set()) for name in names)) - found
    return found


def _append_everywhere(notebook, text: str):
    notebook = copy.deepcopy(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code" and not is_check(cell):
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


def _prepended(notebook):
    notebook = copy.deepcopy(notebook)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(STRIP_ASSERTS))
    return notebook
