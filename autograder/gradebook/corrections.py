"""Correct a module that students have handed in already.

nbgrader refuses to add or remove cells once there are submissions. Here an added cell gets its place in every
submission, for the next `tito grade`. A removed cell goes, unless a person has graded it.
"""

import json
from collections.abc import Set
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Comment, Grade, Gradebook, GradeCell, MissingEntry, SolutionCell, SourceCell

from autograder.engine.execute import Run
from autograder.gradebook.given import given_questions
from autograder.judging.source import EMISSIONS, Source
from tito.notebooks import grade_id, is_check, is_manual, is_stub
from tito.workspace import UserError


def follow(source: Source, db_url: str) -> list[str]:
    """Give the gradebook the cells of `source`, if there are submissions. Returns the changes, in words.

    Raises UserError if `source` lacks a cell that a person has graded, or whose score students were given back.
    """
    with Gradebook(db_url) as gradebook:
        try:
            notebook = gradebook.find_notebook(source.path.stem, source.module)
        except MissingEntry:
            return []
        if not notebook.submissions:
            return []
        given = given_questions(gradebook, source.module)
        done = _remove(gradebook.db, notebook, source, given) + _add(gradebook.db, notebook, source)
        gradebook.db.commit()
    return done


def _wanted(source: Source) -> dict[type, dict]:
    """nbgrader's kinds of cells → grade_id → cell."""
    cells = source.named_cells
    graded = {name: cell for name, cell in cells.items() if is_check(cell) or is_manual(cell)}
    written = {name: cell for name, cell in cells.items() if is_stub(cell) or is_manual(cell)}
    return {GradeCell: graded, SolutionCell: written, SourceCell: cells}


def _known(notebook) -> dict[type, list]:
    cells = (notebook.grade_cells, notebook.solution_cells, notebook.source_cells)
    return dict(zip((GradeCell, SolutionCell, SourceCell), cells, strict=True))


def _remove(session, notebook, source: Source, given: Set[str]) -> list[str]:
    wanted, gone = _wanted(source), []
    for kind, known in _known(notebook).items():
        for cell in [cell for cell in known if cell.name not in wanted[kind]]:
            for row in [*getattr(cell, "grades", []), *getattr(cell, "comments", [])]:
                if getattr(row, "manual_score", None) is not None or getattr(row, "manual_comment", None):
                    session.rollback()
                    raise UserError(
                        f"{cell.name} of {source.module} was graded by hand, so it can't be removed. "
                        "Keep it, worth 0 points, or take its scores and comments back in formgrader first."
                    )
                if cell.name in given:
                    session.rollback()
                    raise UserError(
                        f"{cell.name} of {source.module} has a score that students were given back, so it can't be "
                        "removed. Keep it, worth 0 points."
                    )
                session.delete(row)
            session.delete(cell)
            gone.append(cell.name)
    return [f"{name} removed" for name in dict.fromkeys(gone)]


def _add(session, notebook, source: Source) -> list[str]:
    wanted, new = _wanted(source), []
    for kind, known in _known(notebook).items():
        names = {cell.name for cell in known}
        for name, cell in wanted[kind].items():
            if name in names:
                continue
            fields = {} if kind is SolutionCell else {"cell_type": cell.cell_type}
            if kind is GradeCell:
                fields["max_score"] = float(cell.metadata["nbgrader"]["points"])
            made = kind(name=name, notebook=notebook, **fields)
            session.add(made)
            for submission in notebook.submissions:
                if kind is GradeCell:
                    session.add(Grade(cell=made, notebook=submission, needs_manual_grade=is_manual(cell)))
                elif kind is SolutionCell:
                    session.add(Comment(cell=made, notebook=submission))
            new.append(name)
    return [f"{name} added" for name in dict.fromkeys(new)]


# --- one question, for the whole class --------------------------------------------------------------


def keep_others(names: Set[str], notebook, run: Run, folder: Path, source: Source) -> None:
    """Replace the outcomes in `notebook` and `run` by those kept in `folder`, for all checks but `names`.

    Nothing is replaced if nothing was graded before, or if the student has handed in something else since.
    """
    path, reports = folder / source.path.name, folder / EMISSIONS
    if not path.is_file() or not reports.is_file():
        return
    graded: Any = nbformat.from_dict(json.loads(path.read_text(encoding="utf-8")))
    before = graded.cells
    if _work(before) != _work(notebook.cells):
        return
    outputs = {grade_id(cell): cell["outputs"] for cell in before if is_check(cell)}
    for cell in notebook.cells:
        if is_check(cell) and grade_id(cell) not in names:
            cell.outputs = outputs.get(grade_id(cell), cell.outputs)
    kept = Run.unpacked(reports.read_bytes())
    _keep_reports(names, run, kept)
    run.worded, run.followed = run.worded or Run(), run.followed or Run()
    _keep_reports(names, run.worded, kept.worded or Run())
    _keep_reports(names, run.followed, kept.followed or Run())
    others = source.check_cells.keys() - names
    notes = [note for note in kept.notes if _about(note) not in names]
    notes += [note for note in run.notes if _about(note) not in others]
    run.notes = list(dict.fromkeys(notes))


def _keep_reports(names: Set[str], run: Run, kept: Run) -> None:
    for part in ("emissions", "problems"):
        new = {name: value for name, value in getattr(run, part).items() if name in names}
        old = {name: value for name, value in getattr(kept, part).items() if name not in names}
        setattr(run, part, old | new)


def _about(note: str) -> str:
    """The cell that a note of a run is about."""
    return note.partition(": ")[0]


def _work(cells) -> list[str]:
    """The texts that the student wrote."""
    return [cell["source"] for cell in cells if not cell["metadata"].get("nbgrader", {}).get("locked")]
