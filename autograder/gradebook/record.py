"""Record results: in autograded/, in nbgrader's gradebook, and in the course's own tables beside it.

First the new folder replaces the old one in autograded/, and then one commit records the submission. What was
committed decides: if something stops this in between, the next `tito grade` notices, and does it again.
"""

import contextlib
import hashlib
import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Base, Gradebook, MissingEntry
from nbgrader.utils import determine_grade
from sqlalchemy.exc import IntegrityError, OperationalError

from autograder.deadlines.deadlines import Deadlines
from autograder.engine.execute import Run
from autograder.gradebook import copies
from autograder.gradebook.marks import Submission, submissions_of
from autograder.gradebook.tables import GRADED, SEEDS, make_tables
from autograder.intake.times import STAMP, handed_in
from autograder.judging.source import EMISSIONS, Source
from tito.files import replace_folder
from tito.notebooks import grade_id, is_check, is_manual
from tito.notebooks import points as points_of
from tito.workspace import UserError

NOT_RECORDED = "what is in autograded/ is not what the scores are about. Grade again: tito grade {module}"


@dataclass(frozen=True)
class OnRecord:
    """What the scores of a submission are about: a row of the table GRADED, which says what its parts mean."""

    key: str
    notebook: str
    work: str | None = None
    answers: dict[str, str] = field(default_factory=dict)


def recorded(gradebook: Any, module: str, students: Collection[str] | None = None) -> dict[str, OnRecord]:
    """student → what was committed, for all students whose work in a module was graded, or for `students`."""
    columns = (GRADED.c.student, GRADED.c.key, GRADED.c.notebook, GRADED.c.work, GRADED.c.answers)
    submissions, assignment = Base.metadata.tables["submitted_assignment"], Base.metadata.tables["assignment"]
    of_module = (submissions.c.assignment_id == assignment.c.id) & (assignment.c.name == module)
    submitted = sa.select(submissions.c.student_id).where(of_module)
    there = GRADED.c.student.in_(submitted)  # nbgrader can remove a student
    chosen = there if students is None else there & GRADED.c.student.in_(students)
    rows = gradebook.db.execute(sa.select(*columns).where((GRADED.c.module == module) & chosen))
    return {one: OnRecord(key, notebook, work, answers or {}) for one, key, notebook, work, answers in rows}


def write_down(session, module: str, student: str, row: OnRecord) -> None:
    """Note what the scores of a submission are about. It becomes true with the session's next commit."""
    forget(session, module, student)
    now = datetime.now(UTC).replace(tzinfo=None)
    session.execute(GRADED.insert().values(module=module, student=student, at=now, **vars(row)))


def forget(session, module: str, student: str) -> None:
    """Note that nobody knows what the scores of a submission are about: a person will look at its answers again."""
    session.execute(GRADED.delete().where((GRADED.c.module == module) & (GRADED.c.student == student)))


def checksum_of(content: bytes) -> str:
    """The checksum by which the tables know a content."""
    return hashlib.sha256(content).hexdigest()


def work_of(notebook, files: dict[str, bytes]) -> str:
    """A checksum of what a student handed in: all texts of a notebook as it came, and `files`, without their time."""
    beside = {name: checksum_of(content) for name, content in sorted(files.items()) if name != STAMP}
    return checksum_of(json.dumps([[cell.get("source") for cell in notebook.cells], beside]).encode())


def answers_of(notebook) -> dict[str, str]:
    """name → checksum of the text, for the answers in a graded notebook that people grade."""
    texts = {grade_id(cell) or "": json.dumps(cell.source) for cell in notebook.cells if is_manual(cell)}
    return {name: checksum_of(text.encode()) for name, text in texts.items()}


def notes_of(folder: Path) -> list[str]:
    """Which cells of the submission in `folder` of autograded/ did not end well when it was graded, in words."""
    try:
        return Run.unpacked((folder / EMISSIONS).read_bytes()).notes
    except (OSError, ValueError):  # nobody reports from a file that is gone or damaged
        return []


def unrecorded(gradebook: Any, source: Source, student: str) -> bool:
    """Whether the student's folder in autograded/ is not what the gradebook's scores are about."""
    row = recorded(gradebook, source.module, [student]).get(student)
    return not _lies_in(source.workspace.root / "autograded" / student / source.module, row, source)


def is_about(row: OnRecord | None, notebook: str | None) -> bool:
    """Whether `row` is about the graded notebook with this checksum."""
    return bool(row and row.work and row.notebook == notebook)


def _lies_in(folder: Path, row: OnRecord | None, source: Source) -> bool:
    """Whether the notebook in `folder` is the one that `row` is about."""
    with contextlib.suppress(OSError):
        return is_about(row, checksum_of((folder / source.path.name).read_bytes()))
    return False


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
        self.known = recorded(self.gradebook, source.module)

    def __enter__(self) -> "Book":
        return self

    def __exit__(self, *error) -> None:
        self.gradebook.close()

    def has(self, student: str, key: str, folder: Path) -> bool:
        """Whether a submission with this `key` was graded, and the result in `folder` is still as it was written."""
        row = self.known.get(student)
        return bool(row and row.key == key and _lies_in(folder, row, self.source))

    def refuse_if_lost(self, student: str, work: str, folder: Path) -> None:
        """Raise UserError if `work` was graded, and `folder` does not hold the result any more."""
        row = self.known.get(student)
        if row and row.work == work and not _lies_in(folder, row, self.source):
            shown = self.source.workspace.relative(folder)
            raise UserError(f"{shown} does not hold what the gradebook is about: grade all cells, without --only")

    def answers(self) -> bool:
        """Whether the database still answers, and lets this process write."""
        try:
            self.session.execute(sa.text("UPDATE assignment SET id = id WHERE 0 = 1"))
        except OperationalError:
            return False
        finally:
            self.session.rollback()
        return True

    def checksum(self, notebook) -> None:
        """Note in each cell its checksum as released: by it nbgrader recognises an untouched answer."""
        for cell in notebook.cells:
            if grade_id(cell) in self.checksums:
                cell.metadata["nbgrader"]["checksum"] = self.checksums[grade_id(cell)]

    def save(self, student: str, notebook, key: str, work: str, folder: Path, files: dict[str, bytes]) -> Scores:
        """Write the executed `notebook` with `files` to `folder`, and its scores to the gradebook; the scores.

        key, work: as in the table GRADED
        """
        text = json.dumps(notebook, ensure_ascii=False).encode()  # nbformat.writes takes ten times as long to indent it
        row = OnRecord(key, checksum_of(text), work, answers_of(notebook))
        replace_folder(folder, {**files, self.source.path.name: text})
        try:
            self._save_scores(student, notebook, row.answers, handed_in(self.source.workspace, folder))
            write_down(self.session, self.source.module, student, row)
            self.session.really_commit()
        except BaseException:
            self.session.rollback()
            raise
        self.known[student] = row
        return self.scores(student)

    def _save_scores(self, student: str, notebook, answers: dict[str, str], time: datetime | None) -> None:
        """Save scores as nbgrader's SaveAutoGrades does: scores given by hand stay, and a person confirms them.

        Nobody has to confirm them if nothing has changed: the answer, whose checksum is in `answers`, is the one that
        was recorded, or the check has the same score.
        """
        before = self.known[student].answers if student in self.known else {}
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
                same = before.get(name) == answers[name] if is_manual(cell) else grade.auto_score == score
                if grade.manual_score is None or not same:
                    grade.needs_manual_grade = grade.manual_score is not None or score is None
                grade.auto_score = score
            if name in comments:
                untouched = is_manual(cell) and grades[name].auto_score == 0
                comments[name].auto_comment = "No response." if untouched else None
        copies.refresh_one(submission, self.deadlines)

    @cached_property
    def scores_before(self) -> dict[str, Scores]:
        """student → what the gradebook held when this was first asked, of all students at once."""
        found = submissions_of(self.gradebook, self.source.module)
        return {student: self._scores(one) for student, one in found.items()}

    def scores(self, student: str) -> Scores:
        """The scores of a student's submission that the gradebook holds now."""
        return self._scores(submissions_of(self.gradebook, self.source.module, [student])[student])

    def _scores(self, submission: Submission) -> Scores:
        marks = {mark.cell: mark for mark in submission.marks}
        by_hand = sum(self.points[mark.cell] for mark in submission.marks if mark.waits)
        return Scores({name: marks[name].auto or 0.0 for name in self.source.check_cells}, by_hand)


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


# --- seeds ------------------------------------------------------------------------------------------


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
    query = sa.select(SEEDS.c.seed).where(SEEDS.c.module == module).order_by(SEEDS.c.version != version)
    with engine.connect() as connection:
        return connection.execute(query).scalar()


def _draw(engine, module: str, version: str) -> int:
    row = {"module": module, "version": version, "seed": secrets.randbits(62)}
    try:
        with engine.begin() as connection:
            connection.execute(SEEDS.insert().values(**row))
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
    now = {name: float(points_of(cell)) for name, cell in source.graded_cells.items()}
    for name in [*now, *(points.keys() - now.keys())]:
        check = source.check_cells.get(name)
        if now.get(name) != points.get(name) or (check and check.source != released.get(name)):
            raise UserError(
                f"The {'check' if check else 'question'} {name} of {source.module} is not what was released. "
                f"Release the module again (tito release {source.module}), or undo the change."
            )
