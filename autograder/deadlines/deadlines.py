"""Compute when a module is due for whom, what being late costs, and who may still hand in.

Everything is computed when somebody asks, from course.yml, accommodations.yml and the time of the hand-in. nbgrader's
gradebook has copies: autograder/gradebook/copies.py.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from autograder.deadlines.accommodations import Accommodations
from autograder.deadlines.late import Rule
from tito import clock
from tito.workspace import Course, Workspace


@dataclass(frozen=True)
class Deadlines:
    """The deadlines of a course, for everybody. All moments are in UTC."""

    course: Course
    allowed: Accommodations

    @classmethod
    def of(cls, workspace: Workspace) -> "Deadlines":
        """A course's deadlines. Raises UserError if accommodations.yml or a rule on late work can't be read."""
        deadlines = cls(workspace.course, Accommodations.read(workspace))
        _ = deadlines._rules
        return deadlines

    @cached_property
    def _rules(self) -> dict[str, Rule | None]:
        """module → what being late costs there; None where it costs nothing."""
        return {module: Rule.of(self.course, module) for module in self.course.modules}

    def course_due(self, module: str) -> datetime | None:
        """When a module is due for everybody who was allowed nothing; None for a module without a deadline."""
        due = self.course.modules[module].due
        return due and due.astimezone(UTC)

    def due(self, student: str, module: str) -> datetime | None:
        """When a module is due for a student, never earlier than for the others; None for no deadline."""
        due, allowed = self.course_due(module), self.allowed.of(student, module)
        if due is None:
            return None
        extra = clock.days_after(due, allowed.get("extra_days", 0), self.course.zone).astimezone(UTC)
        return max(due, extra, allowed.get("due", due))

    def idle(self, module: str) -> dict[str, datetime]:
        """student → own deadline, for those whom it gives no time: the course's is as late, or later."""
        course_due, found = self.course_due(module), {}
        for student, row in self.allowed.rows.items():
            own = row.get(module, {}).get("due")
            if own and course_due and own <= course_due:
                found[student] = own
        return found

    def extension(self, student: str, module: str) -> timedelta | None:
        """How much later than the others a student may hand in; None without an extension."""
        due, course_due = self.due(student, module), self.course_due(module)
        return due - course_due if due and course_due and due > course_due else None

    def late_by(self, student: str, module: str, handed_in: datetime | None) -> timedelta:
        """How late a hand-in is; zero if it is not late, or if nobody knows its time."""
        due = self.due(student, module)
        return max(timedelta(), handed_in - due) if due and handed_in else timedelta()

    def share(self, student: str, module: str, handed_in: datetime | None) -> float:
        """The share of the score, 0 to 1, that being late costs."""
        rule, due = self.rule(student, module), self.due(student, module)
        if rule is None or due is None or handed_in is None:
            return 0.0
        return rule.share(due, handed_in, self.course.zone)

    def rule(self, student: str, module: str) -> Rule | None:
        """What being late costs a student; None if it costs nothing."""
        return None if self.allowed.of(student, module).get("no_penalty") else self._rules[module]

    def have_time(self, module: str, now: datetime) -> dict[str, datetime]:
        """student → own deadline, for the students whose own deadline is after `now`."""
        found = {}
        for student in self.allowed.rows:
            due = self.due(student, module) or self.allowed.of(student, module).get("due")
            if due and due > now:
                found[student] = due
        return found
