"""Find the students whose score nobody can tell. They are named, and no export and no average has a number for them."""

import math
from collections.abc import Collection

from nbgrader.api import Gradebook

from autograder.gradebook import copies
from autograder.gradebook.marks import Mark, submissions_of
from tito.workspace import Workspace

SLACK = 1e-9  # sums of floats


def doubts(gradebook: Gradebook, workspace: Workspace, modules: Collection[str] = ()) -> dict[tuple[str, str], str]:
    """(module, student) → why nobody can tell the score, in all modules or in `modules`.

    The gradebook's copies are brought up to date first. Raises UserError as copies.refresh does.
    """
    found = copies.refresh(gradebook, workspace, modules)
    for module in sorted(str(one.name) for one in gradebook.assignments if not modules or one.name in modules):
        allowed = workspace.course.extra_credit_of(module)
        for student, one in submissions_of(gradebook, module).items():
            if said := "; ".join(impossible(one.marks, allowed)):
                found[module, student] = f"{said}. {_hint(module, allowed)}"
    return found


def by_student(found: dict[tuple[str, str], str], module: str) -> dict[str, str]:
    """student → why, for one module of what `doubts` found."""
    return {student: why for (name, student), why in found.items() if name == module}


def impossible(marks: list[Mark], allowed: float) -> list[str]:
    """What is wrong with the scores of one submission, in words. They may lie between 0 and what the cell, and all
    cells together, are worth, and at most `allowed` points above.
    """
    wrong = [_named(one) for one in marks if not -SLACK <= one.score <= _most(one) + allowed + SLACK]
    if wrong:
        return wrong
    total, worth = sum(one.score for one in marks), sum(map(_most, marks))
    over = total > worth + allowed + SLACK
    return [f"all questions together have {total:.15g} points, and are worth {worth:g}"] if over else []


def _most(one: Mark) -> float:
    """What the cell is worth, or was: the machine's own score may be of a release in which it was worth more."""
    score = one.auto or 0.0
    return max(one.worth, score) if one.manual is None and not one.extra and math.isfinite(score) else one.worth


def _named(one: Mark) -> str:
    credit = f", {one.extra:.15g} of them as extra credit" if one.extra else ""
    return f"{one.cell} has {one.score:.15g} points{credit}, and is worth {one.worth:g}"


def _hint(module: str, allowed: float) -> str:
    place = f"Mend the score in formgrader: Manual Grading, {module}"
    if allowed:
        return f"{place}; extra_credit in course.yml allows {allowed:g} points more"
    return f"{place}. Where extra credit is meant, allow it in course.yml: `extra_credit: 2`, say, for 2 points more"
