"""Record results: in autograded/, in nbgrader's gradebook, and in two tables of the course's own beside it.

First the new folder replaces the old one in autograded/, and then one commit records the submission. If something
interrupts this in between, the next `tito grade` notices, and does it again.
"""

import contextlib
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.utils import determine_grade
from sqlalchemy.exc import IntegrityError, OperationalError

from autograder.deadlines.deadlines import Deadlines
from autograder.gradebook import copies
from autograder.gradebook.alone import alone_at
from autograder.intake.times import handed_in
from autograder.judging.source import Source
from tito.files import replace_folder
from tito.notebooks import grade_id, is_check, is_manual
from tito.workspace import UserError

_metadata = sa.MetaData()
_seeds = sa.Table(
    "tinytorch_seed",
    _metadata,
    sa.Column("module", sa.String(64), primary_key=True),
    sa.Column("version", sa.String(64), primary_key=True),
    sa.Column("seed", sa.BigInteger, nullable=False),
)
_graded = sa.Table(
    "tinytorch_graded",
    _metadata,
    sa.Column("module", sa.String(64), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("key", sa.String(64), nullable=False),  # a checksum of all that the result depends on
    sa.Column("notebook", sa.String(64), nullable=False),  # a checksum of the executed notebook
    sa.Column("at", sa.DateTime, nullable=False),
)

# nbgrader finds rows by these columns. Without an index each submission takes longer than the one before.
LOOKED_UP = {
    "grade": "notebook_id",
    "comment": "notebook_id",
    "submitted_notebook": "assignment_id",
    "submitted_assignment": "student_id",
}


@dataclass(frozen=True)
class Scores:
    """What the gradebook holds about a submission."""

    cells: dict[str, float]  # of the automatically graded cells
    by_hand: float  # points that wait for a person


class Book:
    """The gradebook, opened once to record the submissions of a module."""

    def __init__(self, db_url: str, source: Source):
        make_tables(db_url)
        self.source, self.deadlines = source, Deadlines.of(source.workspace)
        self.gradebook: Any = Gradebook(db_url)
        self.session = self.gradebook.db = _OneCommit(self.gradebook.db)
        known = self.gradebook.find_notebook(source.path.stem, source.module)
        self.checksums = {cell.name: cell.checksum for cell in known.source_cells}
        self.names = {cell.id: cell.name for cell in [*known.grade_cells, *known.solution_cells, *known.task_cells]}
        self.points = {cell.name: cell.max_score for cell in [*known.grade_cells, *known.task_cells]}
        query = sa.select(_graded.c.student, _graded.c.key, _graded.c.notebook)
        rows = self.session.execute(query.where(_graded.c.module == source.module))
        self.known = {student: (key, notebook) for student, key, notebook in rows}

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *error) -> None:
        self.gradebook.close()

    def has(self, student: str, key: str, folder: Path) -> bool:
        """Whether a submission with this `key` was graded, and the result in `folder` is still as it was written."""
        path = folder / self.source.path.name
        with contextlib.suppress(OSError):
            return self.known.get(student) == (key, _digest(path.read_bytes()))
        return False

    def answers(self) -> bool:
        """Whether the database still answers."""
        try:
            self.session.execute(sa.text("SELECT 1"))
        except OperationalError:
            self.session.rollback()
            return False
        return True

    def checksum(self, notebook) -> None:
        """Note in each cell its checksum as released: by it nbgrader recognises an untouched answer."""
        for cell in notebook.cells:
            if grade_id(cell) in self.checksums:
                cell.metadata["nbgrader"]["checksum"] = self.checksums[grade_id(cell)]

    def save(self, student: str, notebook, key: str, folder: Path, files: dict[str, bytes]) -> Scores:
        """Write the executed `notebook` with `files` to `folder`, and its scores to the gradebook; the scores."""
        text = json.dumps(notebook, ensure_ascii=False)  # nbformat.writes takes ten times as long to indent it
        answers = _answers(folder / self.source.path.name)
        replace_folder(folder, {**files, self.source.path.name: text.encode()})
        try:
            self._save_scores(student, notebook, answers, handed_in(self.source.workspace, folder))
            row = {"module": self.source.module, "student": student, "key": key, "notebook": _digest(text.encode())}
            self._note(row | {"at": datetime.now(UTC).replace(tzinfo=None)})
            self.session.really_commit()
        except BaseException:
            self.session.rollback()
            raise
        return self.scores(student)

    def _save_scores(self, student: str, notebook, answers: dict[str, str], time: datetime | None) -> None:
        """Save scores as nbgrader's SaveAutoGrades does: scores given by hand stay, and a person confirms them.

        Nobody has to confirm them if nothing has changed: the answer equals the last one, in `answers`, or the check
        has the same score.
        """
        self.gradebook.update_or_create_student(student)
        submission = self.gradebook.update_or_create_submission(self.source.module, student)
        copies.set_time(submission, time)
        (submitted,) = [one for one in submission.notebooks if one.name == self.source.path.stem]
        grades = {self.names[grade.cell_id]: grade for grade in submitted.grades}
        comments = {self.names[comment.cell_id]: comment for comment in submitted.comments}
        for cell in notebook.cells:
            name = grade_id(cell) or ""
            if is_check(cell) or is_manual(cell):
                grade, (score, _) = grades[name], determine_grade(cell)
                same = answers.get(name) == cell.source if is_manual(cell) else grade.auto_score == score
                if grade.manual_score is None or not same:
                    grade.needs_manual_grade = grade.manual_score is not None or score is None
                grade.auto_score = score
            if name in comments:
                untouched = is_manual(cell) and grades[name].auto_score == 0
                comments[name].auto_comment = "No response." if untouched else None
        copies.refresh_one(submission, self.deadlines)

    def _note(self, row: dict) -> None:
        mine = (_graded.c.module == row["module"]) & (_graded.c.student == row["student"])
        if not self.session.execute(_graded.update().where(mine).values(**row)).rowcount:
            self.session.execute(_graded.insert().values(**row))

    def scores(self, student: str) -> Scores:
        """The scores of a student's submission that the gradebook holds now."""
        submission = self.gradebook.find_submission(self.source.module, student)
        grades = {self.names[grade.cell_id]: grade for notebook in submission.notebooks for grade in notebook.grades}
        cells = {name: grades[name].auto_score for name in self.source.check_cells}
        return Scores(cells, sum(self.points[name] for name, grade in grades.items() if grade.needs_manual_grade))


class _OneCommit:
    """A session in which nbgrader's many commits only flush, so that a submission is recorded whole or not at all."""

    def __init__(self, session):
        self._session = session
        session().expire_on_commit = False

    def __getattr__(self, name):
        return getattr(self._session, name)

    def commit(self) -> None:
        """Flush only."""
        self._session.flush()

    def really_commit(self) -> None:
        """Commit, and forget all objects."""
        self._session.commit()
        self._session.expunge_all()  # the objects of a large class would fill the memory


def _answers(path: Path) -> dict[str, str]:
    """grade_id → text of the answers in the notebook at `path`, which was graded last."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        cells = json.loads(path.read_bytes())["cells"]
        return {name: cell["source"] for cell in cells if is_manual(cell) and (name := grade_id(cell))}
    return {}


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- seeds ------------------------------------------------------------------------------------------


def make_tables(db_url: str, *courses: str) -> None:
    """Make nbgrader's tables, the course's own and indexes, and let SQLite serve readers while somebody writes.

    courses: ids of courses that nbgrader will ask for
    """
    engine = sa.create_engine(db_url)
    try:
        with alone_at(engine):
            if engine.dialect.name == "sqlite":
                with engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            for course in ("default_course", *courses):
                Gradebook(db_url, course).close()
            _metadata.create_all(engine)
            _make_indexes(engine)
    finally:
        engine.dispose()


def _make_indexes(engine: sa.Engine) -> None:
    """Make the indexes that are missing. PostgreSQL locks a table even for an index that is there."""
    inspector = sa.inspect(engine)
    with engine.begin() as connection:
        for table, column in LOOKED_UP.items():
            name = f"tinytorch_{table}_{column}"
            if name not in {index["name"] for index in inspector.get_indexes(table)}:
                connection.exec_driver_sql(f'CREATE INDEX {name} ON "{table}" ({column})')


def seed_of(db_url: str, module: str, version: str) -> int:
    """The seed of a module, drawn at the first call, so that early and late submissions get the same inputs.

    A corrected module has another `version`, but keeps its seed: a regrade changes only what the correction is about.
    """
    make_tables(db_url)
    engine = sa.create_engine(db_url)
    try:
        found = _find(engine, module, version)
        return found if found is not None else _draw(engine, module, version)
    finally:
        engine.dispose()


def _find(engine, module: str, version: str) -> int | None:
    query = sa.select(_seeds.c.seed).where(_seeds.c.module == module).order_by(_seeds.c.version != version)
    with engine.connect() as connection:
        return connection.execute(query).scalar()


def _draw(engine, module: str, version: str) -> int:
    row = {"module": module, "version": version, "seed": secrets.randbits(62)}
    try:
        with engine.begin() as connection:
            connection.execute(_seeds.insert().values(**row))
    except IntegrityError:  # another process was faster: its seed counts
        pass
    drawn = _find(engine, module, version)
    assert drawn is not None, "a seed was written a moment ago"
    return drawn


def refuse_if_changed(source: Source, db_url: str) -> None:
    """Raise UserError if the source has other graded cells than the gradebook: scores would not be fair.

    Also if the module was not released yet.
    """
    with Gradebook(db_url) as gradebook:
        try:
            known = gradebook.find_notebook(source.path.stem, source.module)
        except MissingEntry:
            raise UserError(f"{source.module} was not released yet. First: tito release {source.module}") from None
        released = {cell.name: cell.source for cell in known.source_cells}
        points = {cell.name: float(cell.max_score) for cell in known.grade_cells}
    for name, cell in source.check_cells.items():
        if released.get(name) != cell.source or points.get(name) != source.points(name):
            raise UserError(
                f"The check {name} of {source.module} is not what was released. "
                f"Release the module again (tito release {source.module}), or undo the change."
            )
