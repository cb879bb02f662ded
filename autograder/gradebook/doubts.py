"""Find the students whose score nobody can tell. They are named, and no export and no average has a number for them."""

import math
from collections.abc import Mapping

from autograder.gradebook.marks import Mark, Submission
from tito.workspace import Workspace

SLACK = 1e-9  # sums of floats


def doubts(workspace: Workspace, module: str, submissions: Mapping[str, Submission]) -> dict[str, str]:
    """student → why nobody can tell the score, of the submissions to a module."""
    allowed, found = workspace.course.extra_credit_of(module), {}
    for student, one in submissions.items():
        if said := "; ".join(impossible(one.marks, allowed)):
            found[student] = f"{said}. {_hint(module, allowed)}"
    return found


def impossible(marks: list[Mark], allowed: float) -> list[str]:
    """What is wrong with the scores of one submission, in words. They may lie between 0 and what the cell, and all
    cells together, are worth, and at most `allowed` points above.
    """
    scores, bounds = [one.score for one in marks], [_most(one) for one in marks]
    wrong = [
        _named(one)
        for one, score, bound in zip(marks, scores, bounds, strict=True)
        if not -SLACK <= score <= bound + allowed + SLACK
    ]
    if wrong:
        return wrong
    total, worth = sum(scores), sum(bounds)
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
