"""What being late costs, by the rule in course.yml.

late: {grace_minutes: 15, percent_per_day: 10, at_most_percent: 50, zero_after_days: 7}
"""

import math
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tito import clock
from tito.manifest import no_key
from tito.workspace import Course, UserError


@dataclass(frozen=True)
class Rule:
    """What being late costs: a share of the score for each day that has begun."""

    grace_minutes: float = 0
    percent_per_day: float = 0
    at_most_percent: float = 100
    zero_after_days: float = math.inf

    @classmethod
    def of(cls, course: Course, module: str) -> "Rule | None":
        """The rule for a module; None where lateness costs nothing, as in a module with `late: {}`.

        Raises UserError for a rule that can't be read.
        """
        own = course.modules[module].late
        given = {**_mapping(course.late, "late"), **_mapping(own, f"late of {module}")} if own != {} else {}
        known = [one.name for one in fields(cls)]
        try:
            if unknown := [key for key in given if key not in known]:
                raise TypeError(no_key(unknown[0], known))
            rule = cls(**given)
            if not all(type(value) in (int, float) and value >= 0 for value in given.values()):
                raise TypeError(f"{given}: numbers from 0 up are needed")
        except TypeError as error:
            raise UserError(f"course.yml or term.yml: late of {module} can't be read: {error}") from None
        return rule if given else None

    def share(self, due: datetime, handed_in: datetime, zone: ZoneInfo | None = None) -> float:
        """The share of the score, 0 to 1, that a hand-in at `handed_in` loses. Days are calendar days in `zone`."""
        if (handed_in - due).total_seconds() <= 60 * self.grace_minutes:
            return 0.0
        if self.zero_after_days <= LAST_DAY and handed_in > clock.days_after(due, self.zero_after_days, zone):
            return 1.0
        return min(self.percent_per_day * days_begun(due, handed_in, zone), self.at_most_percent, 100) / 100


LAST_DAY = 100_000  # more days than this mean never: no date is so far away


def days_begun(due: datetime, handed_in: datetime, zone: ZoneInfo | None) -> int:
    """How many days after `due` have begun at `handed_in`."""
    days = max(0, math.ceil((handed_in - due) / timedelta(days=1)) - 2)  # clocks change by less than two days
    while handed_in > clock.days_after(due, days, zone):
        days += 1
    return days


def _mapping(value: object, where: str) -> dict:
    if value is not None and not isinstance(value, dict):
        raise UserError(f"course.yml or term.yml: {where} must be like {{percent_per_day: 10}}, not {value!r}")
    return value or {}
