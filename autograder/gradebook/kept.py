"""All that the course keeps about one student: to hand it out on request, or to remove it."""

import io
import json
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Base
from nbgrader.exchange.default import Exchange
from nbgrader.utils import notebook_hash

from autograder.gradebook.tables import METADATA
from autograder.intake.archives import read_plain
from autograder.intake.ids import can_be_id
from autograder.intake.submitted import SEEN
from tito.workspace import UserError, Workspace

STATIONS = ("submitted", "replaced", "autograded", "feedback")
KINDS = ("csv", "tsv", "yml", "txt", "html", "json")
TEXTS = [f"{place}*.{kind}" for place in ("", "dist/") for kind in KINDS]  # in which people and reports name students


@dataclass(frozen=True)
class Kept:
    """What is kept about one student.

    folders: of the stations
    files: that are about the student alone, elsewhere
    rows: of the gradebook: table → rows
    mentions: files about several people, in which the id stands: only a person can decide what becomes of them
    """

    student: str
    folders: list[Path]
    files: list[Path]
    rows: dict[str, list[dict]]
    mentions: list[Path]

    def __bool__(self) -> bool:
        return bool(self.folders or self.files or self.rows)


def kept(api: Any, workspace: Workspace, student: str) -> Kept:
    """What is kept about a student. Raises UserError for an id that can't be one. api: nbgrader's"""
    if not can_be_id(student):
        raise UserError(f"{student!r} can't be a student's id")
    folders = [folder for name in STATIONS if (folder := workspace.root / name / student).is_dir()]
    files = [*_zips(workspace, student), *_in_exchange(api, workspace, student)]
    with api.gradebook as gradebook:
        rows = {name: found for name, statement in _selects(student) if (found := _rows(gradebook, statement))}
    return Kept(student, folders, files, rows, _mentions(workspace, student))


def _rows(gradebook: Any, statement: Any) -> list[dict]:
    return [dict(row) for row in gradebook.db.execute(statement).mappings()]


def _zips(workspace: Workspace, student: str) -> Iterable[Path]:
    dist = workspace.root / "dist"
    return sorted([*dist.glob(f"feedback/*/{student}.zip"), *dist.glob(f"provisional/*/{student}.html")])


def _in_exchange(api: Any, workspace: Workspace, student: str) -> Iterable[Path]:
    """What lies in nbgrader's exchange: hand-ins, whose names begin with the id, and pages, whose names are secret."""
    exchange: Any = Exchange(config=api.config)  # its traits have no types
    course = Path(exchange.root) / api.coursedir.course_id
    hand_ins = sorted((course / "inbound").glob(f"{student}+*"))
    for folder in [*hand_ins, *sorted((workspace.root / "autograded" / student).glob("*"))]:
        yield from (course / "feedback").glob(f"{_page_name(workspace, folder)}.html")
    yield from hand_ins  # last: their secrets name the pages


def _page_name(workspace: Workspace, folder: Path) -> str:
    """The secret name of the page for what was handed in; one that no page has where there is no secret."""
    secret, names = folder / "submission_secret.txt", folder.name.split("+")
    module = names[1] if len(names) > 1 else names[0]
    if secret.is_symlink() or not secret.is_file():
        return "none"
    return notebook_hash(secret=read_plain(secret, 1000).decode(), notebook_id=workspace.notebook(module).stem)


def _mentions(workspace: Workspace, student: str) -> list[Path]:
    paths = {path for pattern in TEXTS for path in workspace.root.glob(pattern) if path.is_file()}
    return sorted(path for path in paths if student.encode() in path.read_bytes())


# --- the gradebook ----------------------------------------------------------------------------------


def _of(student: str) -> list[tuple[sa.Table, Any]]:
    """Tables of the gradebook, those first that refer to others, with the condition that a row is the student's."""
    tables = Base.metadata.tables
    submission, notebook = tables["submitted_assignment"], tables["submitted_notebook"]
    submissions = sa.select(submission.c.id).where(submission.c.student_id == student)
    notebooks = sa.select(notebook.c.id).where(notebook.c.assignment_id.in_(submissions))
    return [
        (tables["grade"], tables["grade"].c.notebook_id.in_(notebooks)),
        (tables["comment"], tables["comment"].c.notebook_id.in_(notebooks)),
        (notebook, notebook.c.assignment_id.in_(submissions)),
        (submission, submission.c.student_id == student),
        (tables["student"], tables["student"].c.id == student),
        *((table, table.c.student == student) for table in METADATA.sorted_tables if "student" in table.c),
    ]


def _selects(student: str) -> Iterable[tuple[str, Any]]:
    for table, theirs in _of(student):
        yield table.name, sa.select(table).where(theirs)


# --- handing out, and forgetting ----------------------------------------------------------------------


def packed(found: Kept, root: Path) -> bytes:
    """A zip with all files, and the rows of the gradebook as gradebook.json."""
    content = io.BytesIO()
    inside = [path for folder in found.folders for path in sorted(folder.rglob("*")) if path.is_file()]
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for path in [*inside, *(one for top in found.files for one in _all_files(top))]:
            name = path.relative_to(root) if path.is_relative_to(root) else Path("exchange", *path.parts[-3:])
            made.write(path, name.as_posix())
        made.writestr("gradebook.json", json.dumps(found.rows, indent=1, default=_text, ensure_ascii=False))
    return content.getvalue()


def _all_files(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    raise TypeError(f"a row of the gradebook holds {value!r}")


def forget_all(api: Any, workspace: Workspace, found: Kept) -> None:
    """Remove all that is kept about a student, without what only mentions them. Stopped anywhere, do it again."""
    if (workspace.root / SEEN).is_dir():  # everybody's, and made anew
        shutil.rmtree(workspace.root / SEEN)
    for path in found.files:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for folder in found.folders:
        shutil.rmtree(folder)
    engine = sa.create_engine(api.coursedir.db_url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":  # which else keeps the bytes of what is deleted
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
            for table, theirs in _of(found.student):
                connection.execute(table.delete().where(theirs))
            connection.commit()
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        engine.dispose()
