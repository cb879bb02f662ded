"""Find the students whose score nobody can tell. They are named, and no export and no average has a number for them."""

import math
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Assignment, BaseCell, Grade, Gradebook, SubmittedAssignment, SubmittedNotebook

from autograder.gradebook import copies
from tito.workspace import Workspace

SLACK = 1e-9  # sums of floats


@dataclass(frozen=True)
class Given:
    """What the gradebook has about one graded cell of a submission."""

    cell: str
    auto: float | None
    manual: float | None
    extra: float | None
    worth: float


def doubts(gradebook: Gradebook, workspace: Workspace, modules: Collection[str] = ()) -> dict[tuple[str, str], str]:
    """(module, student) → why nobody can tell the score, in all modules or in `modules`.

    The gradebook's copies are brought up to date first. Raises UserError as copies.refresh does.
    """
    found = copies.refresh(gradebook, workspace, modules)
    for module in sorted(str(one.name) for one in gradebook.assignments if not modules or one.name in modules):
        allowed = workspace.course.extra_credit_of(module)
        for student, given in _given(gradebook, module).items():
            if said := "; ".join(impossible(given, allowed)):
                found[module, student] = f"{said}. {_hint(module, allowed)}"
    return found


def by_student(found: dict[tuple[str, str], str], module: str) -> dict[str, str]:
    """student → why, for one module of what `doubts` found."""
    return {student: why for (name, student), why in found.items() if name == module}


def _given(gradebook: Gradebook, module: str) -> dict[str, list[Given]]:
    scores = (Grade.auto_score, Grade.manual_score, Grade.extra_credit, Grade.max_score)
    assignment: Any = Assignment  # nbgrader's tables have no types
    columns: Any = (SubmittedAssignment.student_id, BaseCell.name, *scores)
    query = (
        sa.select(*columns)
        .join(SubmittedNotebook, Grade.notebook_id == SubmittedNotebook.id)
        .join(SubmittedAssignment, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(assignment, SubmittedAssignment.assignment_id == assignment.id)
        .join(BaseCell, Grade.cell_id == BaseCell.id)
        .where(assignment.name == module)
    )
    found = defaultdict(list)
    for student, *row in gradebook.db.execute(query):
        found[student].append(Given(*row))
    return found


def impossible(given: list[Given], allowed: float) -> list[str]:
    """What is wrong with the scores of one submission, in words. They may lie between 0 and what the cell, and all
    cells together, are worth, and at most `allowed` points above.
    """
    wrong = [_named(one) for one in given if not -SLACK <= _score(one) <= _most(one) + allowed + SLACK]
    if wrong:
        return wrong
    total, worth = sum(map(_score, given)), sum(map(_most, given))
    over = total > worth + allowed + SLACK
    return [f"all questions together have {total:.15g} points, and are worth {worth:g}"] if over else []


def _most(one: Given) -> float:
    """What the cell is worth, or was: the machine's own score may be of a release in which it was worth more."""
    score = one.auto or 0.0
    return max(one.worth, score) if one.manual is None and not one.extra and math.isfinite(score) else one.worth


def _score(one: Given) -> float:
    """The score as nbgrader computes it."""
    score = one.auto if one.manual is None else one.manual
    return 0.0 if score is None else score + (one.extra or 0.0)


def _named(one: Given) -> str:
    credit = f", {one.extra:.15g} of them as extra credit" if one.extra else ""
    return f"{one.cell} has {_score(one):.15g} points{credit}, and is worth {one.worth:g}"


def _hint(module: str, allowed: float) -> str:
    place = f"Mend the score in formgrader: Manual Grading, {module}"
    if allowed:
        return f"{place}; extra_credit in course.yml allows {allowed:g} points more"
    return f"{place}. Where extra credit is meant, allow it in course.yml: `extra_credit: 2`, say, for 2 points more"
