"""Who has time until when, who handed in when, and what that costs, by the rules as they are now."""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from nbgrader.api import Gradebook, MissingEntry

from autograder.deadlines.deadlines import Deadlines
from autograder.gradebook.copies import moment_of, time_of_new
from autograder.intake.roster import everybody
from autograder.intake.times import when
from tito.workspace import UserError, Workspace


@dataclass
class Standing:
    """One student and the deadline of one module.

    share: the share of the score, 0 to 1, that being late costs
    points: the points that it costs now; None if nothing is graded
    in_time: whether that is all that is known of when the student handed in
    trouble: why nobody can tell when the student handed in
    """

    module: str
    student: str
    due: datetime | None
    extension: timedelta | None
    handed_in: datetime | None = None
    in_time: bool = False
    late_by: timedelta = timedelta()
    share: float = 0.0
    points: float | None = None
    trouble: str | None = None


def standings(
    workspace: Workspace, gradebook: Gradebook, modules: list[str], student: str | None = None
) -> list[Standing]:
    """The standing of all students in `modules`, or of `student`. Raises UserError for a student that nobody knows."""
    deadlines, known = Deadlines.of(workspace), everybody(workspace, gradebook)
    deadlines.allowed.refuse_unknown(known)
    if student is not None and student not in known:
        raise UserError(f"There is no student {student!r} in the gradebook or in submitted/.")
    students = sorted(known) if student is None else [student]
    return [_standing(workspace, gradebook, deadlines, module, one) for module in modules for one in students]


def _standing(workspace: Workspace, gradebook: Gradebook, deadlines: Deadlines, module: str, student: str) -> Standing:
    made = Standing(module, student, deadlines.due(student, module), deadlines.extension(student, module))
    submission: Any = None  # nbgrader's record
    with contextlib.suppress(MissingEntry):
        submission = gradebook.find_submission(module, student)
    folder = workspace.root / "submitted" / student / module
    if folder.is_dir():
        try:
            made.handed_in = time_of_new(gradebook, workspace, deadlines, module, student)
        except UserError as error:
            made.trouble = str(error)
            return made
        made.in_time = made.due is not None and when(workspace, folder).late is False
    elif submission:
        made.handed_in = moment_of(submission)
    made.late_by = deadlines.late_by(student, module, made.handed_in)
    made.share = deadlines.share(student, module, made.handed_in)
    made.points = submission and float(made.share * submission.score)
    return made
