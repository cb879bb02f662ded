"""Late work: the rule in course.yml, and what single students were allowed in accommodations.yml.

late: {grace_minutes: 15, percent_per_day: 10, at_most_percent: 50, zero_after_days: 7}   # course.yml

ada:                                                                                      # accommodations.yml
  all: {extra_days: 2, why: exam accommodation}
  mlp: {due: 2027-02-08T23:59:00+01:00, no_penalty: true}
"""

import functools
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nbgrader.plugins import LateSubmissionPlugin

from tito.workspace import Course, UserError, Workspace

FILE = "accommodations.yml"
KEYS = {"extra_days": (int, float), "due": datetime, "no_penalty": bool, "why": str}


@dataclass(frozen=True)
class Rule:
    """What being late costs: a share of the score for each day that has begun."""

    grace_minutes: float = 0
    percent_per_day: float = 0
    at_most_percent: float = 100
    zero_after_days: float = math.inf

    @classmethod
    def of(cls, course: Course, module: str) -> "Rule | None":
        """Raises UserError for a rule that can't be read; None where lateness costs nothing."""
        given = {**course.late, **course.modules[module].late}
        try:
            rule = cls(**given)
            if not all(isinstance(value, int | float) and value >= 0 for value in given.values()):
                raise TypeError(f"{given}: numbers from 0 up are needed")
        except TypeError as error:
            raise UserError(f"course.yml: late of {module} can't be read: {error}") from None
        return rule if given else None

    def penalty(self, score: float, seconds: float) -> float:
        """Points off for `seconds` after the deadline."""
        if seconds <= 60 * self.grace_minutes:
            return 0.0
        days = seconds / 86400
        if days > self.zero_after_days:
            return score
        return score * (min(self.percent_per_day * math.ceil(days), self.at_most_percent, 100) / 100)


@dataclass(frozen=True)
class Accommodations:
    """What was allowed to whom: student → module or "all" → dict."""

    rows: dict

    @classmethod
    def read(cls, workspace: Workspace) -> "Accommodations":
        """Raises UserError that names the student and what is wrong; no file is no accommodations."""
        path = workspace.root / FILE
        if not path.is_file():
            return cls({})
        return cls(_read(path, path.stat().st_mtime_ns, frozenset(workspace.course.modules)))

    def of(self, student: str, module: str) -> dict:
        row = self.rows.get(student, {})
        return {**row.get("all", {}), **row.get(module, {})}

    def extension(self, student: str, course: Course, module: str) -> timedelta | None:
        """How much later than the others a student may hand in; None for no later."""
        entry, due = self.of(student, module), course.modules[module].due
        if due is not None and "due" in entry:
            return entry["due"] - due
        return timedelta(days=entry["extra_days"]) if "extra_days" in entry else None

    def due(self, student: str, course: Course, module: str) -> datetime | None:
        due = course.modules[module].due
        return due and (due + (self.extension(student, course, module) or timedelta())).astimezone(UTC)


@functools.lru_cache(maxsize=1)
def _read(path: Path, changed_at: int, known: frozenset[str]) -> dict:
    """The file's content; it is asked for once a submission, so a large one is read once."""
    import yaml

    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise UserError(f"{FILE} can't be read: {' '.join(str(error).split())}") from None
    for student, modules in _items(rows, "students"):
        for module, entry in _items(modules, f"{student}: modules, or all"):
            if module not in {"all", *known}:
                raise UserError(f"{FILE}: {student}: there is no module {module!r}")
            for key, value in _items(entry, f"{student}, {module}: {', '.join(KEYS)}"):
                if key not in KEYS or not isinstance(value, KEYS[key]):
                    raise UserError(f"{FILE}: {student}, {module}: {key}: {value!r} is not understood")
                if key == "due" and value.tzinfo is None:
                    raise UserError(f"{FILE}: {student}, {module}: due must be like 2027-02-08T23:59:00+01:00")
    return {str(student): modules for student, modules in rows.items()}


def _items(value, what: str):
    if not isinstance(value, dict):
        raise UserError(f"{FILE}: {what} were expected, not {value!r}")
    return value.items()


def penalty(workspace: Workspace, module: str, student: str, score: float, seconds: float) -> float | None:
    """Points off; None where there is no rule, or none for this student."""
    rule = Rule.of(workspace.course, module)
    if rule is None or Accommodations.read(workspace).of(student, module).get("no_penalty"):
        return None
    return rule.penalty(score, seconds)


class LatePenalty(LateSubmissionPlugin):
    """nbgrader's plug-in point; its parent knows the module."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return penalty(Workspace.find(), self.parent.assignment_id, student_id, score, total_seconds_late)


def grant(submission, workspace: Workspace, module: str) -> None:
    """Let nbgrader count lateness from a student's own deadline."""
    allowed = Accommodations.read(workspace)
    submission.extension = allowed.extension(submission.student.id, workspace.course, module)
