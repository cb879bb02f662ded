"""Which pages are what `tito feedback` would make once more. To make one takes long, and to know this does not.

Beside each page lies a file with two checksums: of all that the page was made from, and of the page.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Base

from autograder.gradebook.record import checksum_of
from autograder.gradebook.tables import GIVEN
from autograder.grading.looks import Looks, look, programs
from autograder.intake.submitted import SEEN
from autograder.judging.jobs import conditions
from autograder.judging.source import Source
from tito import files

MADE_FROM = ".made-from"


@dataclass(frozen=True)
class OnDisk:
    """What lies on the disk of one student's work and page, as checksums; None for what is not there.

    work: all files in autograded/: notebook, reports, pictures, the time
    notebook: the one of them with the verdicts
    page: in feedback/
    noted: the text beside the page
    """

    work: str
    notebook: str | None
    page: str | None
    noted: str | None


def on_disk(source: Source, students: Collection[str]) -> dict[str, OnDisk]:
    """student → what lies on the disk. Files that lie as they lay are not read again.

    First it finishes what an interrupted `tito feedback` left.
    """
    root = source.workspace.root
    looks, found = Looks(root / SEEN / "handed_back" / f"{source.module}.json", programs()), {}
    for student in students:
        autograded, feedback = (Path(root, station, student, source.module) for station in ("autograded", "feedback"))
        files.finish_replacing(feedback)
        lies = look(autograded, feedback)
        if known := looks.found(student, lies):
            found[student] = OnDisk(**known)
        else:
            found[student] = _read(source, autograded, feedback)
            looks.note(student, lies, asdict(found[student]))
    looks.keep()
    return found


def _read(source: Source, autograded: Path, feedback: Path) -> OnDisk:
    work = {name: checksum_of(content) for name, content in sorted(files.content_of(autograded).items())}
    page, noted = (_content(feedback / name) for name in (f"{source.path.stem}.html", MADE_FROM))
    return OnDisk(
        work=_checksum(work),
        notebook=work.get(source.path.name),
        page=None if page is None else checksum_of(page),
        noted=None if noted is None else noted.decode(errors="replace"),
    )


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None


def keys(gradebook: Any, source: Source, there: Mapping[str, OnDisk]) -> dict[str, str]:
    """student → a checksum of all that their page is made from."""
    graded, given = _graded(gradebook, source.module, there), _given(gradebook, source.module, there)
    course = _checksum(_course(source))
    return {who: _checksum([course, one.work, graded.get(who), given.get(who)]) for who, one in there.items()}


def unchanged(made_from: Mapping[str, str], there: Mapping[str, OnDisk]) -> set[str]:
    """The students whose page was made from just that. made_from: as `keys` finds it"""
    return {who for who, key in made_from.items() if (page := there[who].page) and there[who].noted == note(key, page)}


def note(key: str, page: str) -> str:
    """What to write beside a page. page: its checksum"""
    return f"{key}\n{page}\n"


# --- what a page is made from -------------------------------------------------------------------------


def _checksum(parts: object) -> str:
    """The checksum of plain data."""
    return checksum_of(repr(parts).encode(errors="surrogateescape"))


def _graded(gradebook: Any, module: str, students: Collection[str]) -> dict[str, list]:
    """student → nbgrader's rows: who it is, the time, the penalty, each score and comment."""
    tables = Base.metadata.tables
    student, assignment, submission = (tables[name] for name in ("student", "assignment", "submitted_assignment"))
    notebook, found = tables["submitted_notebook"], defaultdict(list)
    of_module = sa.select(assignment.c.id).where(assignment.c.name == module).scalar_subquery()
    theirs = (submission.c.assignment_id == of_module) & submission.c.student_id.in_(students)
    name = (student.c.first_name, student.c.last_name)
    columns = {student: [notebook.c.id, *name, submission.c.timestamp, notebook.c.late_submission_penalty]}
    for table in (tables["grade"], tables["comment"]):
        columns[table] = [
            table.c.cell_id,
            *(one for one in table.c if one.name not in ("id", "cell_id", "notebook_id")),
        ]
    for number, (table, own) in enumerate(columns.items()):
        joined = submission.join(notebook, notebook.c.assignment_id == submission.c.id).join(table)
        query = sa.select(submission.c.student_id, *own).select_from(joined).where(theirs)
        for one, *row in gradebook.db.execute(query).all():
            found[one].append((number, *row))
    for rows in found.values():
        rows.sort()  # by table and cell: the database has no order
    return found


def _given(gradebook: Any, module: str, students: Collection[str]) -> dict[str, list]:
    """student → which scores were given, and today's date, which a page has where one of them has changed."""
    found, today = {}, datetime.now(UTC).date()
    theirs = (GIVEN.c.module == module) & GIVEN.c.student.in_(students)
    for row in gradebook.db.execute(sa.select(GIVEN).where(theirs).order_by(*GIVEN.primary_key)).all():
        found.setdefault(row.student, [today]).append(tuple(row))
    return found


def _course(source: Source) -> list:
    return [source.version, asdict(source.workspace.course), programs(), conditions()]
