"""What being late costs, by the rule in course.yml.

late: {grace_minutes: 15, percent_per_day: 10, at_most_percent: 50, zero_after_days: 7}
"""

import math
from dataclasses import dataclass

from autograder.deadlines.accommodations import Accommodations
from tito.workspace import Course, UserError, Workspace


@dataclass(frozen=True)
class Rule:
    """What being late costs: a share of the score for each day that has begun."""

    grace_minutes: float = 0
    percent_per_day: float = 0
    at_most_percent: float = 100
    zero_after_days: float = math.inf

    @classmethod
    def of(cls, course: Course, module: str) -> "Rule | None":
        """The rule for a module; None where lateness costs nothing. Raises UserError for a rule that can't be read."""
        given = {**course.late, **course.modules[module].late}
        try:
            rule = cls(**given)
            if not all(isinstance(value, int | float) and value >= 0 for value in given.values()):
                raise TypeError(f"{given}: numbers from 0 up are needed")
        except TypeError as error:
            raise UserError(f"course.yml: late of {module} can't be read: {error}") from None
        return rule if given else None

    def penalty(self, score: float, seconds: float) -> float:
        """Points off a `score` that came `seconds` after the deadline."""
        if seconds <= 60 * self.grace_minutes:
            return 0.0
        days = seconds / 86400
        if days > self.zero_after_days:
            return score
        return score * (min(self.percent_per_day * math.ceil(days), self.at_most_percent, 100) / 100)


def penalty(workspace: Workspace, module: str, student: str, score: float, seconds: float) -> float | None:
    """Points off a `score` that came `seconds` late; None where there is no rule, or none for this student."""
    rule = Rule.of(workspace.course, module)
    if rule is None or Accommodations.read(workspace).of(student, module).get("no_penalty"):
        return None
    return rule.penalty(score, seconds)
