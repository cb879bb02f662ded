"""Putting results on record: in autograded/, in nbgrader's gradebook, and in two tables of the course's own beside it.

A submission is recorded in one commit, after its folder in autograded/ has been exchanged for the new one. Whatever
is interrupted in between is found out by the next `tito grade`, and done again.
"""

import contextlib
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import determine_grade, parse_utc

from autograder.deadlines.accommodations import grant
from autograder.gradebook.alone import alone_at
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
    sa.Column("key", sa.String(64), nullable=False),  # of all that the result depends on
    sa.Column("notebook", sa.String(64), nullable=False),  # of the executed notebook
    sa.Column("at", sa.DateTime, nullable=False),
)

# Columns of nbgrader's by which rows are found; without an index each submission costs more than the one before.
LOOKED_UP = {
    "grade": "notebook_id",
    "comment": "notebook_id",
    "submitted_notebook": "assignment_id",
    "submitted_assignment": "student_id",
}


@dataclass(frozen=True)
class Scores:
    """What the gradebook holds of a submission."""

    cells: dict[str, float]  # of the automatically graded cells
    by_hand: float  # points that wait for a person


class Book:
    """The gradebook, opened once to record the submissions of a module."""

    def __init__(self, db_url: str, source: Source, config=None):
        make_tables(db_url)
        self.source, self.config = source, config
        self.gradebook = Gradebook(db_url)
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
        """Whether exactly this was graded before, and the result is there as it was written."""
        path = folder / self.source.path.name
        with contextlib.suppress(OSError):
            return self.known.get(student) == (key, _digest(path.read_bytes()))
        return False

    def checksum(self, notebook) -> None:
        """Note in each cell what it looked like when it was released: nbgrader knows an untouched answer by it."""
        for cell in notebook.cells:
            if grade_id(cell) in self.checksums:
                cell.metadata["nbgrader"]["checksum"] = self.checksums[grade_id(cell)]

    def save(self, student: str, notebook, key: str, folder: Path, files: dict[str, bytes]) -> Scores:
        """Write the executed `notebook` with `files` to `folder`, and its scores to the gradebook."""
        text = json.dumps(notebook, ensure_ascii=False)  # nbformat.writes takes ten times as long to indent it
        answers = _answers(folder / self.source.path.name)
        replace_folder(folder, {**files, self.source.path.name: text.encode()})
        try:
            self._save_scores(student, notebook, answers, _timestamp(files))
            row = {"module": self.source.module, "student": student, "key": key, "notebook": _digest(text.encode())}
            self._note(row | {"at": datetime.now(UTC).replace(tzinfo=None)})
            self.session.really_commit()
        except BaseException:
            self.session.rollback()
            raise
        return self.scores(student)

    def _save_scores(self, student: str, notebook, answers: dict[str, str], timestamp: datetime | None) -> None:
        """As nbgrader's own SaveAutoGrades: scores given by hand stay, and are to be looked at again.

        But not where nothing is new: an answer as in `answers`, the last time; a check that comes to the same score.
        """
        when = {"timestamp": timestamp} if timestamp else {}
        self.gradebook.update_or_create_student(student)
        submission = self.gradebook.update_or_create_submission(self.source.module, student, **when)
        (submitted,) = [one for one in submission.notebooks if one.name == self.source.path.stem]
        grades = {self.names[grade.cell_id]: grade for grade in submitted.grades}
        comments = {self.names[comment.cell_id]: comment for comment in submitted.comments}
        for cell in notebook.cells:
            name = grade_id(cell)
            if is_check(cell) or is_manual(cell):
                grade, (score, _) = grades[name], determine_grade(cell)
                same = answers.get(name) == cell.source if is_manual(cell) else grade.auto_score == score
                if grade.manual_score is None or not same:
                    grade.needs_manual_grade = grade.manual_score is not None or score is None
                grade.auto_score = score
            if name in comments:
                untouched = is_manual(cell) and grades[name].auto_score == 0
                comments[name].auto_comment = "No response." if untouched else None
        grant(submission, self.source.workspace, self.source.module)
        self.session.flush()
        submitted.late_submission_penalty = self._penalty(student, submission, submitted)

    def _penalty(self, student: str, submission, submitted) -> float | None:
        """Points off for being late, by the plugin that nbgrader is configured with."""
        if submission.total_seconds_late <= 0:
            return None
        step = AssignLatePenalties(config=self.config)
        step.assignment_id = self.source.module
        step.init_plugin()
        self.session.refresh(submitted)
        penalty = step.plugin_inst.late_submission_penalty(student, submitted.score, submission.total_seconds_late)
        return None if penalty is None else min(max(penalty, 0), submitted.score)

    def _note(self, row: dict) -> None:
        mine = (_graded.c.module == row["module"]) & (_graded.c.student == row["student"])
        if not self.session.execute(_graded.update().where(mine).values(**row)).rowcount:
            self.session.execute(_graded.insert().values(**row))

    def scores(self, student: str) -> Scores:
        """What the gradebook says now."""
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
        self._session.flush()

    def really_commit(self) -> None:
        self._session.commit()
        self._session.expunge_all()  # memory stays what it is, however large the class


def _answers(path: Path) -> dict[str, str]:
    """grade_id → text of the answers in the notebook that was graded last."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        cells = json.loads(path.read_bytes())["cells"]
        return {grade_id(cell): cell["source"] for cell in cells if is_manual(cell)}
    return {}


def _timestamp(files: dict[str, bytes]) -> datetime | None:
    """When it was handed in, by the file that nbgrader's exchange puts beside a notebook."""
    text = files.get("timestamp.txt", b"").decode(errors="replace").strip()
    return parse_utc(text) if text else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# --- seeds ------------------------------------------------------------------------------------------


def make_tables(db_url: str, *courses: str) -> None:
    """Make nbgrader's tables, the course's own and indexes, and let SQLite serve readers while somebody writes.

    courses: ids that nbgrader will ask for
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
    """Make those that are missing; PostgreSQL would wait for all who write, and they for it, even for what is there."""
    inspector = sa.inspect(engine)
    with engine.begin() as connection:
        for table, column in LOOKED_UP.items():
            name = f"tinytorch_{table}_{column}"
            if name not in {index["name"] for index in inspector.get_indexes(table)}:
                connection.exec_driver_sql(f'CREATE INDEX {name} ON "{table}" ({column})')


def seed_of(db_url: str, module: str, version: str) -> int:
    """The seed of a module, drawn at the first call: late or early, all get the same inputs.

    A corrected module, another `version`, keeps it: a regrade then changes only what the correction is about.
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
    except sa.exc.IntegrityError:  # somebody else was faster: theirs counts
        pass
    return _find(engine, module, version)


def refuse_if_changed(source: Source, db_url: str) -> None:
    """Raises UserError when the gradebook knows other graded cells than the source has: nothing fair can be said."""
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
