"""How many attempts a student has, which of them counts, and what `tito watch` shows, by the rule in course.yml.

attempts: {per_day: 5, counts: best, hidden: always}
"""

from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from tito.manifest import no_key
from tito.workspace import Course, UserError

CHOICES = {"counts": ("last", "best"), "hidden": ("after_deadline", "always")}


@dataclass(frozen=True)
class AttemptRule:
    """What holds for the attempts at a module.

    per_day: pages that a student gets on one day; None for as many as hand-ins
    counts: the last attempt, or the best of those that were graded
    hidden: when a page says which hidden checks passed
    """

    per_day: int | None = None
    counts: str = "last"
    hidden: str = "after_deadline"

    @classmethod
    def of(cls, course: Course, module: str) -> "AttemptRule":
        """The rule for a module, which may change parts of the course's. Raises UserError if it can't be read."""
        own, where = course.modules[module].attempts, f"course.yml or term.yml: attempts of {module}"
        for given in (course.attempts, own):
            if given is not None and not isinstance(given, dict):
                raise UserError(f"{where} must be like {{per_day: 5}}, not {given!r}")
        given, known = {**(course.attempts or {}), **(own or {})}, [one.name for one in fields(cls)]
        if unknown := [key for key in given if key not in known]:
            raise UserError(f"{where} can't be read: {no_key(unknown[0], known)}")
        rule = cls(**given)
        if rule.per_day is not None and (type(rule.per_day) is not int or rule.per_day < 1):
            raise UserError(f"{where}: per_day must be a whole number from 1 up, not {rule.per_day!r}")
        for name, known in CHOICES.items():
            if getattr(rule, name) not in known:
                raise UserError(f"{where}: {name} must be {' or '.join(known)}, not {getattr(rule, name)!r}")
        return rule

    def day_for(self, handed_in: datetime, used: dict[date, int], now: datetime, zone: ZoneInfo | None) -> date | None:
        """The day whose attempt a page is: that of the hand-in, or today; None if both have had all theirs.

        used: day → attempts that a student has had
        """
        for day in (day_of(handed_in, zone), day_of(now, zone)):
            if self.per_day is None or used.get(day, 0) < self.per_day:
                return day
        return None


def day_of(moment: datetime, zone: ZoneInfo | None) -> date:
    """The day of a moment by the course's clock."""
    return moment.astimezone(zone or UTC).date()
