"""What nbgrader's gradebook holds about the submissions to a module, read at once: a query for each would take longer
than all else.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from nbgrader import api

# nbgrader's tables, which have no types
ASSIGNMENT: Any = api.Assignment
RELEASED: Any = api.Notebook
GRADE_CELL: Any = api.GradeCell
TASK_CELL: Any = api.TaskCell
SOLUTION_CELL: Any = api.SolutionCell
SUBMISSION: Any = api.SubmittedAssignment
NOTEBOOK: Any = api.SubmittedNotebook
GRADE: Any = api.Grade


class Mark(NamedTuple):
    """What nbgrader has about one graded cell of a submission. waits: whether a person has to grade it yet"""

    cell: str
    auto: float | None
    manual: float | None
    extra: float | None
    worth: float
    waits: bool = False

    @property
    def score(self) -> float:
        """The score, as nbgrader computes it."""
        score = self.auto if self.manual is None else self.manual
        return 0.0 if score is None else score + (self.extra or 0.0)


@dataclass
class Submission:
    """What nbgrader has about one student's submission to a module. penalty: for being late, in points"""

    student: str
    handed_in: datetime | None
    penalty: float = 0.0
    flagged: bool = False
    marks: list[Mark] = field(default_factory=list)

    @property
    def score(self) -> float:
        """The points of all graded cells, without the penalty."""
        return sum(mark.score for mark in self.marks)

    @property
    def waiting(self) -> list[str]:
        """The answers that wait for a person."""
        return [mark.cell for mark in self.marks if mark.waits]


def submissions_of(gradebook: Any, module: str, students: Collection[str] | None = None) -> dict[str, Submission]:
    """student → submission, in order, of all students or of `students`. Empty for a module without any."""
    chosen = ASSIGNMENT.name == module
    if students is not None:
        chosen &= SUBMISSION.student_id.in_(students)
    found, cells = {}, _cells(gradebook, module)
    about = (SUBMISSION.timestamp, NOTEBOOK.late_submission_penalty, NOTEBOOK.flagged)
    query = _select(chosen, *about).order_by(SUBMISSION.student_id)
    for student, time, penalty, flagged in gradebook.db.execute(query):
        one = found.setdefault(student, Submission(student, time))
        one.penalty += penalty or 0.0
        one.flagged |= bool(flagged)
    marked = (GRADE.cell_id, GRADE.auto_score, GRADE.manual_score, GRADE.extra_credit, GRADE.needs_manual_grade)
    query = _select(chosen, *marked).join(GRADE, GRADE.notebook_id == NOTEBOOK.id)
    for student, cell, auto, manual, extra, waits in gradebook.db.execute(query):
        if cell in cells and student in found:  # not where somebody graded between the two queries
            name, worth = cells[cell]
            found[student].marks.append(Mark(name, auto, manual, extra, worth, waits))
    place = {name: number for number, (name, _) in enumerate(cells.values())}
    for one in found.values():
        one.marks.sort(key=lambda mark: place[mark.cell])
    return found


def _select(chosen: Any, *columns: Any) -> Any:
    of_module = sa.select(SUBMISSION.student_id, *columns).join_from(SUBMISSION, ASSIGNMENT).where(chosen)
    return of_module.outerjoin(NOTEBOOK, NOTEBOOK.assignment_id == SUBMISSION.id)


def _cells(gradebook: Any, module: str) -> dict[str, tuple[str, float]]:
    """id → name and worth of a module's graded cells."""
    found = {}
    for kind in (GRADE_CELL, TASK_CELL):
        query = sa.select(kind.id, kind.name, kind.max_score).join_from(kind, RELEASED, kind.notebook_id == RELEASED.id)
        for one, name, worth in gradebook.db.execute(query.join(ASSIGNMENT).where(ASSIGNMENT.name == module)):
            found[one] = (name, float(worth))
    return found


def questions_of(gradebook: Any, module: str) -> list[tuple[str, float, bool]]:
    """Name and worth of a module's graded cells, and whether people grade them, as they were released."""
    query = sa.select(SOLUTION_CELL.name).join_from(SOLUTION_CELL, RELEASED, SOLUTION_CELL.notebook_id == RELEASED.id)
    answers = set(gradebook.db.execute(query.join(ASSIGNMENT).where(ASSIGNMENT.name == module)).scalars())
    return [(name, worth, name in answers) for name, worth in _cells(gradebook, module).values()]
