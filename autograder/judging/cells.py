"""Put the instructor's cells back into a submission, before anything else looks at it.

The text, points and nbgrader metadata of graded, locked and manually graded cells come from the
source. A student who deleted, copied, moved or edited such a cell keeps the answers and loses
nothing. A student who changed points or flags gains nothing.
"""

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.judging.recognition import Recognition
from autograder.judging.source import STUB, UNANSWERED, Source, squeezed
from tito.notebooks import grade_id, is_check, unix_lines
from tito.workspace import UserError


def mend(notebook, source: Source):
    """The submitted `notebook` with the instructor's cells as they are in `source`, and a list of the changes.

    Raises UserError for a notebook that is nested too deeply, or if nobody can tell which cell an answer is.
    """
    notes: list[str] = []
    cells = _copy(notebook)
    if not _are_well_formed(cells):
        cells = [well_formed(cell) for cell in cells if isinstance(cell, dict)]
    for cell in cells:
        cell.source = unix_lines(cell.source)
    found = Recognition(cells, source, notes).identify()
    for cell in cells:
        cell.metadata = NotebookNode()
    for name, original in source.named_cells.items():
        if name in found:
            _mend_cell(found[name], original, source, notes)
    _place(cells, found, source, notes)
    _give_ids(cells)
    metadata = copy.deepcopy(source.notebook.metadata)
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata), notes


def _copy(notebook) -> Any:
    """A copy of the cells that can be written as UTF-8. Raises UserError where they are nested too deeply."""
    cells = notebook.get("cells")
    try:
        text = json.dumps(cells if isinstance(cells, list) else [], ensure_ascii=False)
        return nbformat.from_dict(json.loads(text.encode(errors="replace")))
    except RecursionError:
        raise UserError("The notebook is nested too deeply to be read.") from None


def _are_well_formed(cells: list) -> bool:
    """Whether the notebook format allows all the cells. It does in nearly every submission."""
    validator: Any = nbformat.validator.get_validator(4, 5, name="fastjsonschema")
    try:
        validator.validate({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    except (nbformat.ValidationError, RecursionError):
        return False
    return all(isinstance(cell.source, str) for cell in cells)


def well_formed(cell: dict) -> NotebookNode:
    """A student's cell without what the notebook format forbids: one bad cell would make nbgrader refuse them all."""
    cell_type = cell.get("cell_type") if cell.get("cell_type") in ("code", "markdown") else "raw"
    made = NotebookNode(id="cell", cell_type=cell_type, metadata=NotebookNode(), source=_text(cell.get("source")))
    if cell_type == "code":
        made |= {"outputs": [], "execution_count": None}
    for key in {"id", "outputs", "execution_count", "attachments"} & set(cell):
        one_more = NotebookNode({**made, key: cell[key]})
        if nbformat.validator.isvalid(one_more, ref=f"{cell_type}_cell", version=4, version_minor=5):
            made = one_more
    if isinstance(cell.get("metadata"), dict):
        made.metadata = cell["metadata"]
    return made


def _text(source) -> str:
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _mend_cell(cell, original, source: Source, notes) -> None:
    name, meta = str(grade_id(original)), original.metadata["nbgrader"]
    if cell.cell_type != original.cell_type:
        notes.append(f"{name}: was turned into a {cell.cell_type} cell")
        _retype(cell, original.cell_type)
    if not meta["solution"]:
        if squeezed(cell.source) not in (source.released_texts[original.id], squeezed(original.source)):
            notes.append(f"{name}: differs from what is released now, which was graded")
        cell.source = original.source
    if is_check(original):
        cell.outputs, cell.execution_count = [], None
    cell.metadata = copy.deepcopy(original.metadata)


def _retype(cell, cell_type: str) -> None:
    cell.cell_type = cell_type
    if cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _give_ids(cells: list) -> None:
    """Give each cell an id of its own: its grade_id, the id it has, or a new one."""
    taken = {name for cell in cells if (name := grade_id(cell))}
    ends: dict[str, Iterator[str]] = {}  # beginning of an id → the ends that were not tried yet
    for cell in cells:
        begin = cell.id[:50]
        end = ends.setdefault(begin, itertools.chain([""], (f"-{n}" for n in itertools.count(2))))
        cell.id = grade_id(cell) or next(name for one in end if (name := f"{begin}{one}") not in taken)
        taken.add(cell.id)


def _place(cells: list, found: dict, source: Source, notes) -> None:
    """Insert the cells that are missing, and move each cell behind those that it must follow."""
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
    """An unanswered cell, to replace a deleted one."""
    cell = copy.deepcopy(original)
    if original.metadata["nbgrader"]["solution"]:
        cell.source = STUB if cell.cell_type == "code" else UNANSWERED
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    return cell
