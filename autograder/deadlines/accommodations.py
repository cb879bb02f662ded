"""Accommodations of single students, from accommodations.yml.

ada:
  all: {extra_days: 2, why: exam accommodation}
  mlp: {due: 2027-02-08T23:59:00+01:00, no_penalty: true}
"""

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tito.workspace import Course, UserError, Workspace

FILE = "accommodations.yml"
KEYS = {"extra_days": (int, float), "due": datetime, "no_penalty": bool, "why": str}


@dataclass(frozen=True)
class Accommodations:
    """rows: student → module or "all" → what the student was allowed, a dict with some of KEYS."""

    rows: dict

    @classmethod
    def read(cls, workspace: Workspace) -> "Accommodations":
        """The course's accommodations; none without a file. Raises UserError, which names the student and mistake."""
        path = workspace.root / FILE
        if not path.is_file():
            return cls({})
        return cls(_read(path, path.stat().st_mtime_ns, frozenset(workspace.course.modules)))

    def of(self, student: str, module: str) -> dict:
        """What a student was allowed in a module: a dict with some of KEYS."""
        row = self.rows.get(student, {})
        return {**row.get("all", {}), **row.get(module, {})}

    def extension(self, student: str, course: Course, module: str) -> timedelta | None:
        """How much later than the others a student may hand in; None without an extension."""
        entry, due = self.of(student, module), course.modules[module].due
        if due is not None and "due" in entry:
            return entry["due"] - due
        return timedelta(days=entry["extra_days"]) if "extra_days" in entry else None

    def due(self, student: str, course: Course, module: str) -> datetime | None:
        """A student's own deadline, in UTC; None for a module without one."""
        due = course.modules[module].due
        return due and (due + (self.extension(student, course, module) or timedelta())).astimezone(UTC)


@functools.lru_cache(maxsize=1)
def _read(path: Path, changed_at: int, known: frozenset[str]) -> dict:
    """The file's content, cached: every submission needs it, and the file may be large."""
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


def grant(submission, workspace: Workspace, module: str) -> None:
    """Let nbgrader count lateness from the student's own deadline. submission: nbgrader's record."""
    allowed = Accommodations.read(workspace)
    submission.extension = allowed.extension(submission.student.id, workspace.course, module)
