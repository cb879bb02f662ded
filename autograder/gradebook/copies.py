"""Copies in nbgrader's gradebook: of due dates, extensions and late penalties.

autograder/deadlines/ computes the truth. Every command that reads or writes grades brings the copies up to date.
The time of a hand-in is no copy: the gradebook has the time of what was graded, written with its scores.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.orm import object_session

from autograder.deadlines.deadlines import Deadlines
from autograder.gradebook.marks import NOTEBOOK, SUBMISSION
from autograder.intake.roster import everybody
from autograder.intake.times import IN_TIME, when
from tito.workspace import UserError, Workspace


def refresh(gradebook: Gradebook, workspace: Workspace, modules: Collection[str] = ()) -> None:
    """Bring all copies up to date, or those of `modules`. What is up to date is not written.

    Raises UserError if course.yml or accommodations.yml has a mistake.
    """
    deadlines = Deadlines.of(workspace)
    deadlines.allowed.refuse_unknown(everybody(workspace, gradebook))
    for assignment in gradebook.assignments:
        if assignment.name in workspace.course.modules and (not modules or assignment.name in modules):
            assignment.duedate = _stored(deadlines.course_due(str(assignment.name)))
            _refresh_all(gradebook.db, assignment, deadlines)
    gradebook.db.commit()


def _refresh_all(session: Any, assignment: Any, deadlines: Deadlines) -> None:
    """Bring the submissions to one module up to date, as rows: to make nbgrader's objects of them takes longer."""
    module = str(assignment.name)
    columns = (SUBMISSION.id, SUBMISSION.student_id, SUBMISSION.timestamp, SUBMISSION.extension)
    query = sa.select(*columns, NOTEBOOK.id, NOTEBOOK.late_submission_penalty).join_from(SUBMISSION, NOTEBOOK)
    shares, penalties, extensions = {}, {}, []
    for one, student, time, extension, notebook, penalty in session.execute(
        query.where(SUBMISSION.assignment_id == assignment.id)
    ):
        penalties[notebook] = penalty
        if share := deadlines.share(student, module, _moment(time)):
            shares[notebook] = share
        if extension != (due := deadlines.extension(student, module)):
            extensions.append({"id": one, "extension": due})
    scores = session.execute(sa.select(NOTEBOOK.id, NOTEBOOK.score).where(NOTEBOOK.id.in_(shares)))
    costs = dict.fromkeys(penalties) | {one: _points_lost(shares[one], score) for one, score in scores}
    changed = [{"id": one, "late_submission_penalty": cost} for one, cost in costs.items() if cost != penalties[one]]
    for table, rows in ((SUBMISSION, extensions), (NOTEBOOK, changed)):
        if rows:
            session.execute(sa.update(table), rows)


def refresh_due(gradebook: Gradebook, workspace: Workspace, module: str) -> None:
    """Bring the due date of a module up to date."""
    gradebook.find_assignment(module).duedate = _stored(Deadlines.of(workspace).course_due(module))
    gradebook.db.commit()


def set_time(submission, time: datetime | None) -> None:
    """Note when a submission was handed in. None: nobody knows."""
    submission.timestamp = _stored(time)


def refresh_one(submission, deadlines: Deadlines) -> None:
    """Bring a submission's due date, extension and penalty up to date, for its time."""
    module, student = submission.name, submission.student_id
    submission.assignment.duedate = _stored(deadlines.course_due(module))
    submission.extension = deadlines.extension(student, module)
    share = deadlines.share(student, module, moment_of(submission))
    for notebook in submission.notebooks:
        notebook.late_submission_penalty = _points_lost(share, _computed_again(notebook)) if share else None


def _points_lost(share: float, score: float) -> float:
    return share * max(0.0, score)


def _computed_again(notebook) -> float:
    """A notebook's score, which SQLAlchemy computes when it reads the notebook: its grades may have changed since."""
    session = object_session(notebook)
    assert session
    session.flush()
    session.refresh(notebook, ["score"])
    return notebook.score


def moment_of(submission) -> datetime | None:
    """When a submission was handed in, from the gradebook; None if it does not know."""
    return _moment(submission.timestamp)


def time_of_new(
    gradebook: Gradebook, workspace: Workspace, deadlines: Deadlines, module: str, student: str
) -> datetime | None:
    """When the submission in submitted/ was handed in; None if nothing says it.

    Raises UserError if nothing says it, and being late would cost something: nobody can tell whether this one is late.
    """
    said = when(workspace, workspace.root / "submitted" / student / module)
    if said.is_enough(deadlines.due(student, module)) or deadlines.rule(student, module) is None:
        return said.moment
    try:
        before = moment_of(gradebook.find_submission(module, student))
    except MissingEntry:
        before = None
    graded = f", and what was graded before was handed in at {before:%Y-%m-%d %H:%M:%S} UTC" if before else ""
    raise UserError(
        f"submitted/{student}/{module} has no timestamp.txt{graded}: write the time of this one into timestamp.txt, "
        f"or `{IN_TIME}` if that is all you know"
    )


def _moment(stored: datetime | None) -> datetime | None:
    return stored and stored.replace(tzinfo=UTC)


def _stored(moment: datetime | None) -> datetime | None:
    """A moment as nbgrader keeps it: in UTC, without an offset."""
    return moment and moment.astimezone(UTC).replace(tzinfo=None)
