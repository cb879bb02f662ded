"""Which pages are what `tito feedback` would make once more. To make one takes long, and to know this does not.

Beside each page lies a file with two checksums: of all that the page was made from, and of the page.
"""

import json
from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Base

from autograder.gradebook.record import checksum_of
from autograder.gradebook.tables import GIVEN
from autograder.grading.looks import programs
from autograder.judging.jobs import conditions
from autograder.judging.source import Source
from tito import files
from tito.workspace import MANIFEST

MADE_FROM = ".made-from"


def keys(gradebook: Any, source: Source, students: Collection[str]) -> dict[str, str]:
    """student → a checksum of all that their page is made from."""
    graded, given = _graded(gradebook, source.module, students), _given(gradebook, source.module, students)
    course = _course(source)
    return {one: checksum_of(_text(course, _work(source, one), graded[one], given[one])) for one in students}


def unchanged(source: Source, made_from: dict[str, str]) -> set[str]:
    """The students whose page was made from just that. made_from: as `keys` finds it

    First it finishes what an interrupted `tito feedback` left.
    """
    for who in made_from:
        files.finish_replacing(_folder(source, who))
    return {who for who, key in made_from.items() if _noted(source, who) == note(key, _page(source, who))}


def note(key: str, page: bytes | None) -> bytes | None:
    """What to write beside a page; None without a page."""
    return None if page is None else f"{key}\n{checksum_of(page)}\n".encode()


def _page(source: Source, student: str) -> bytes | None:
    return _read(_folder(source, student) / f"{source.path.stem}.html")


def _noted(source: Source, student: str) -> bytes:
    return _read(_folder(source, student) / MADE_FROM) or b"nothing"


def _folder(source: Source, student: str) -> Path:
    return source.workspace.root / "feedback" / student / source.module


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


# --- what a page is made from -------------------------------------------------------------------------


def _text(*parts: object) -> bytes:
    return json.dumps(parts, default=str).encode()


def _work(source: Source, student: str) -> list:
    """The files that lie in autograded/: notebook, reports, pictures, the time."""
    folder = source.workspace.root / "autograded" / student / source.module
    return [(name, checksum_of(content)) for name, content in sorted(files.content_of(folder).items())]


def _graded(gradebook: Any, module: str, students: Collection[str]) -> dict[str, list]:
    """student → nbgrader's rows: who it is, the time, the penalty, each score and comment."""
    tables = Base.metadata.tables
    student, assignment, submission = (tables[name] for name in ("student", "assignment", "submitted_assignment"))
    notebook, cell = tables["submitted_notebook"], tables["base_cell"]
    found = defaultdict(list)
    for table in (tables["grade"], tables["comment"]):
        own = [column for column in table.c if column.name not in ("id", "cell_id", "notebook_id")]
        about = (student.c.first_name, student.c.last_name, submission.c.timestamp, notebook.c.late_submission_penalty)
        query = (
            sa.select(student.c.id, *about, cell.c.name, *own)
            .join(notebook, table.c.notebook_id == notebook.c.id)
            .join(submission, notebook.c.assignment_id == submission.c.id)
            .join(assignment, submission.c.assignment_id == assignment.c.id)
            .join(student, submission.c.student_id == student.c.id)
            .join(cell, table.c.cell_id == cell.c.id)
            .where(assignment.c.name == module, student.c.id.in_(students))
            .order_by(student.c.id, cell.c.name)
        )
        for who, *row in gradebook.db.execute(query):
            found[who].append(row)
    return found


def _given(gradebook: Any, module: str, students: Collection[str]) -> dict[str, list]:
    """student → which scores were given, and today's date, which a page has where one of them has changed."""
    found = defaultdict(list)
    theirs = (GIVEN.c.module == module) & GIVEN.c.student.in_(students)
    for row in gradebook.db.execute(sa.select(GIVEN).where(theirs).order_by(*GIVEN.primary_key)):
        found[row.student] = [*(found[row.student] or [datetime.now(UTC).date()]), tuple(row)]
    return found


def _course(source: Source) -> list:
    manifest = (source.workspace.root / MANIFEST).read_bytes()
    return [source.version, checksum_of(manifest), programs(), conditions()]
