"""Before anything looks at a submission: what belongs to the instructor is put back in its place.

The text, points and nbgrader metadata of graded, locked and manually graded cells come from the
source. A student who deleted, copied, moved or edited such a cell keeps the answers and loses
nothing; one who changed points or flags gains nothing.
"""

import copy
import shutil
from pathlib import Path

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.source import HIDDEN, Source, without
from tito.notebooks import grade_id, is_check, read
from tito.workspace import UserError, Workspace

STUB = "# YOUR CODE HERE\nraise NotImplementedError()"
UNANSWERED = "YOUR ANSWER HERE"


def restore(notebook, source: Source):
    """The submitted `notebook` with the instructor's cells as they are in `source`, and a list of what was mended."""
    notebook = copy.deepcopy(notebook)
    notebook.cells = [cell for cell in notebook.cells if isinstance(cell, dict) and "cell_type" in cell]
    notes: list[str] = []
    found = _identify(notebook.cells, source, notes)
    for cell in notebook.cells:
        _forget(cell)
    for name, original in source.named_cells.items():
        if name in found:
            _mend(found[name], original, name, notes)
    _place(notebook.cells, found, source, notes)
    notebook.metadata["kernelspec"] = copy.deepcopy(source.notebook.metadata["kernelspec"])
    return notebook, notes


def _identify(cells, source: Source, notes) -> dict:
    """grade_id → the student's cell of that name. Of several the last counts, as in nbgrader."""
    found = {}
    for cell in cells:
        name = grade_id(cell)
        if name not in source.named_cells:  # the metadata may be gone, the cell's own id is still there
            name = cell.get("id")
        if name not in source.named_cells:
            continue
        if name in found:
            notes.append(f"{name}: stood there more than once, the last one counts")
        found[name] = cell
    return found


def _forget(cell) -> None:
    """Drop what a student's cell says of itself to nbgrader."""
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = NotebookNode()
    cell.metadata.pop("nbgrader", None)
    if not isinstance(cell.get("source"), str):
        cell["source"] = ""


def _mend(cell, original, name: str, notes) -> None:
    meta = original.metadata["nbgrader"]
    if cell.cell_type != original.cell_type:
        notes.append(f"{name}: was turned into a {cell.cell_type} cell")
        _retype(cell, original.cell_type)
    if not meta["solution"]:
        if cell.source.strip() not in (without(original.source, HIDDEN).strip(), original.source.strip()):
            notes.append(f"{name}: its text was changed, the original was graded")
        cell.source = original.source
    if is_check(original):
        cell.outputs, cell.execution_count = [], None
    cell.metadata["nbgrader"] = copy.deepcopy(meta)


def _retype(cell, cell_type: str) -> None:
    cell.cell_type = cell_type
    if cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _place(cells: list, found: dict, source: Source, notes) -> None:
    """Insert what is missing, and move what stands before something that it must follow."""
    position = -1
    for name, original in source.named_cells.items():
        cell = found.get(name)
        if cell is None:
            cell = _blank(original)
            if original.metadata["nbgrader"]["grade"]:
                notes.append(f"{name}: was deleted, put back")
            cells.insert(position + 1, cell)
        index = next(i for i, other in enumerate(cells) if other is cell)
        if index < position:
            cells.insert(position, cells.pop(index))
            index = position
        position = index


def _blank(original):
    """A cell that was never touched, in place of a deleted one."""
    cell = copy.deepcopy(original)
    if original.metadata["nbgrader"]["solution"]:
        cell.source = STUB if cell.cell_type == "code" else UNANSWERED
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell


class RestoreCells(NbGraderPreprocessor):
    """First of nbgrader's sanitize preprocessors; all others then find what the source says."""

    def preprocess(self, nb, resources):
        workspace = Workspace.find()
        source = Source.of(workspace, resources["nbgrader"]["assignment"])
        nb, notes = restore(nb, source)
        for note in notes:
            self.log.warning("%s: %s", resources["nbgrader"]["student"], note)
        return nb, resources


def adopt_renamed(assignment: str, student: str, notebooks: list[str]) -> None:
    """nbgrader's pre-convert hook: give a renamed notebook the name that nbgrader looks for.

    The student's file stays as it was; a copy is graded. Of several candidates the one with the
    most of the module's cells is taken.
    """
    if not notebooks:
        return
    source = Source.of(Workspace.find(), assignment)
    folder = Path(notebooks[0]).parent
    wanted = folder / source.path.name
    if folder.parent.name == "." or wanted.exists() or folder.resolve() == source.folder.resolve():
        return
    candidates = sorted((Path(path) for path in notebooks), key=lambda path: (_familiar(path, source), path.name))
    if candidates and _familiar(candidates[-1], source):
        shutil.copyfile(candidates[-1], wanted)
        notebooks[:] = [str(wanted)]


def _familiar(path: Path, source: Source) -> int:
    """How many of the module's cells a notebook has."""
    try:
        cells = read(path).cells
    except UserError:
        return 0
    return len({grade_id(cell) or cell.get("id") for cell in cells} & set(source.named_cells))
