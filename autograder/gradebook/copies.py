"""Copies in nbgrader's gradebook: of due dates, extensions and late penalties.

autograder/deadlines/ computes the truth. Every command that reads or writes grades brings the copies up to date.
The time of a hand-in is no copy: the gradebook has the time of what was graded, written with its scores.
"""

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, SubmittedAssignment, SubmittedNotebook
from sqlalchemy.orm import joinedload, object_session, selectinload

from autograder.deadlines.deadlines import Deadlines
from autograder.intake.roster import everybody
from autograder.intake.times import IN_TIME, when
from tito.workspace import UserError, Workspace


def refresh(gradebook: Gradebook, workspace: Workspace, modules: Collection[str] = ()) -> dict[tuple[str, str], str]:
    """Bring all copies up to date, or those of `modules`; (module, student) → why a copy had to stay as it was.

    Raises UserError if course.yml or accommodations.yml has a mistake.
    """
    deadlines = Deadlines.of(workspace)
    deadlines.allowed.refuse_unknown(everybody(workspace, gradebook))
    doubts = {}
    for assignment in gradebook.assignments:
        if assignment.name not in workspace.course.modules or (modules and assignment.name not in modules):
            continue
        assignment.duedate = _stored(deadlines.course_due(str(assignment.name)))
        for submission in _with_notebooks(gradebook, assignment):
            try:
                _bring_up_to_date(submission, deadlines, attrgetter("score"))
            except UserError as error:
                doubts[assignment.name, submission.student_id] = str(error)
    gradebook.db.commit()
    return doubts


def _with_notebooks(gradebook: Gradebook, assignment) -> list:
    """The submissions of an assignment, read at once with their notebooks and the scores of these."""
    of: Any = SubmittedAssignment  # nbgrader's tables have no types
    notebooks: Any = SubmittedNotebook
    query = gradebook.db.query(of).options(
        joinedload(of.assignment), selectinload(of.notebooks).undefer(notebooks.score)
    )
    return query.populate_existing().filter(of.assignment_id == assignment.id).all()


def refresh_due(gradebook: Gradebook, workspace: Workspace, module: str) -> None:
    """Bring the due date of a module up to date."""
    gradebook.find_assignment(module).duedate = _stored(Deadlines.of(workspace).course_due(module))
    gradebook.db.commit()


def set_time(submission, time: datetime | None) -> None:
    """Note when a submission was handed in. None: nobody knows."""
    submission.timestamp = _stored(time)


def refresh_one(submission, deadlines: Deadlines) -> None:
    """Bring a submission's due date, extension and penalty up to date, for its time."""
    _bring_up_to_date(submission, deadlines, _computed_again)


def _bring_up_to_date(submission, deadlines: Deadlines, score_of: Callable[[Any], float]) -> None:
    module, student = submission.name, submission.student_id
    submission.assignment.duedate = _stored(deadlines.course_due(module))
    submission.extension = deadlines.extension(student, module)
    share = deadlines.share(student, module, moment_of(submission))
    for notebook in submission.notebooks:
        notebook.late_submission_penalty = share * max(0.0, score_of(notebook)) if share else None


def _computed_again(notebook) -> float:
    """A notebook's score, which SQLAlchemy computes when it reads the notebook: its grades may have changed since."""
    session = object_session(notebook)
    assert session
    session.flush()
    session.refresh(notebook, ["score"])
    return notebook.score


def moment_of(submission) -> datetime | None:
    """When a submission was handed in, from the gradebook; None if it does not know."""
    return submission.timestamp and submission.timestamp.replace(tzinfo=UTC)


def time_of_new(gradebook: Gradebook, workspace: Workspace, module: str, student: str) -> datetime | None:
    """When the submission in submitted/ was handed in; None if nothing says it.

    Raises UserError if nothing says it, and being late would cost something: nobody can tell whether this one is late.
    """
    said, deadlines = when(workspace, workspace.root / "submitted" / student / module), Deadlines.of(workspace)
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


def _stored(moment: datetime | None) -> datetime | None:
    """A moment as nbgrader keeps it: in UTC, without an offset."""
    return moment and moment.astimezone(UTC).replace(tzinfo=None)
