"""Where things are: the course's manifest, and the folders of a student's or the instructor's copy.

`tito` is one tool with two homes. A `Workspace` knows which one it is in; nothing else asks.
"""

import difflib
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from zoneinfo import ZoneInfo

from tito import clock, files
from tito.limits import Limits
from tito.manifest import NEEDED, STATES, TERM, for_students, read_manifest, rows_without

MANIFEST = "course.yml"
RELEASED = ".tito/released"  # in a student's copy: the notebooks as they came


class UserError(Exception):
    """A problem that the person at the keyboard can mend. tito shows it as one message, with exit code 2."""

    code = 2


class ToolFailed(UserError):
    """A program that tito needs has failed, and nobody used it wrongly. Shown as a UserError is, with exit code 3."""

    code = 3


@dataclass(frozen=True)
class Module:
    """One row of course.yml.

    prerequisites: what is taught before it
    needs: what its notebook imports
    state: taught; given (students get its solution); draft (not for students yet) and elective (finished, but not for
        the students of this course): only commands that name such a module know it
    """

    number: int
    name: str
    title: str
    goal: str
    minutes: int
    prerequisites: list[str] = field(default_factory=list)
    due: datetime | None = None
    milestone: str | None = None
    target: str | None = None
    state: str = "taught"
    needs: list[str] = field(default_factory=list)
    limits: dict = field(default_factory=dict)
    late: dict | None = None  # what being late costs: autograder/deadlines/late.py
    extra_credit: float | None = None  # in place of the course's
    attempts: dict | None = None  # pages before the grade: autograder/deadlines/attempts.py


@dataclass(frozen=True)
class Course:
    """course.yml with term.yml over it, read. A module whose state is hidden is none of the course's."""

    course: str
    title: str
    repository: str
    limits: dict
    modules: dict[str, Module]
    late: dict | None = None
    timezone: str | None = None  # an IANA name: the clock by which the course goes
    follow_through: bool = True  # whether a mistake costs its own question only
    extra_credit: float = 0  # how many points above what it is worth a question, or a module, may have
    attempts: dict | None = None
    institution: str | None = None
    hidden: tuple[str, ...] = ()

    @classmethod
    def read(cls, path: Path) -> "Course":
        """The course of the manifest at `path`. Raises UserError, which names the file and says what is wrong in it."""
        try:
            content, where = _content(path), _shown(path)
            zone = _zone(where, content.get("timezone"))
            every = content.pop("modules")
            hidden = tuple(row["name"] for row in every if row.get("state") == "hidden")
            taken = rows_without(("hidden",), every)
            numbers = accumulate((row.get("state") != "elective" for row in taken), initial=0)  # as students count
            rows = [_module(where, zone, number, row) for number, row in zip(numbers, taken, strict=False)]
            course = cls(modules={row.name: row for row in rows}, hidden=hidden, **content)
        except (AttributeError, KeyError, TypeError) as error:
            raise UserError(f"{path} can't be read as the course's manifest: {error}") from None
        _refuse_impossible(where, course)
        return course

    @staticmethod
    def for_students(path: Path) -> dict:
        """What students receive of the manifest at `path`."""
        return for_students(_content(path))

    def closure(self, names: Iterable[str]) -> set[str]:
        """The modules that `names` need, directly or not, and `names`."""
        found, waiting = set(), list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting += self.modules[name].needs if name in self.modules else []
        return found

    def gaps(self) -> list[str]:
        """What students will lack, in words: modules that another one needs, and that nobody hands out."""
        found = []
        for row in (row for row in self.modules.values() if row.state in ("taught", "given")):
            for name in row.needs:
                state = self.modules[name].state if name in self.modules else "hidden"
                if state not in ("taught", "given"):
                    helps = f"give students its solution, or hide {row.name} (`state:` in {TERM})"
                    found.append(f"{row.name} needs {name}, whose state is {state}: {helps}")
        return found

    @property
    def zone(self) -> ZoneInfo | None:
        """The zone of the clock times that stand in the course's files; None where only offsets count."""
        return clock.zone_named(self.timezone) if self.timezone else None

    def extra_credit_of(self, module: str) -> float:
        """How many points above what it is worth a question of a module, or the module, may have."""
        own = self.modules[module].extra_credit if module in self.modules else None
        return self.extra_credit if own is None else own

    def limits_of(self, module: str | None = None) -> Limits:
        """What a run of a module's notebook may use; without a module, what holds for the course."""
        return Limits.of({**self.limits, **(self.modules[module].limits if module else {})})


def _content(path: Path) -> dict:
    """The merged manifest. Raises UserError."""
    try:
        return read_manifest(
            path,
            [one.name for one in fields(Course) if one.name != "hidden"],
            [one.name for one in fields(Module) if one.name != "number"],
        )
    except ValueError as error:
        raise UserError(str(error)) from None


def _shown(path: Path) -> str:
    """Where a value of the merged manifest stands, for messages."""
    return f"{path}, with {TERM} over it" if path.with_name(TERM).is_file() else str(path)


def _refuse_impossible(where: str, course: Course) -> None:
    if not isinstance(course.follow_through, bool):
        raise UserError(f"{where}: follow_through must be true or false, not {course.follow_through!r}")
    for row in course.modules.values():
        try:
            course.limits_of(row.name)
        except (ValueError, TypeError) as error:
            raise UserError(f"{where}: limits of {row.name}: {error}") from None
        extra = course.extra_credit_of(row.name)
        if type(extra) not in (int, float) or not 0 <= extra < math.inf:
            raise UserError(f"{where}: extra_credit of {row.name} must be a number of points, not {extra!r}")
        unknown = {*row.prerequisites, *row.needs} - {*course.modules, *course.hidden}
        if unknown:
            raise UserError(f"{where}: module {row.name} needs {', '.join(sorted(unknown))}, which is no module")


def _zone(where: str, name: object) -> ZoneInfo | None:
    try:
        return None if name is None else clock.zone_named(name)
    except ValueError as error:
        raise UserError(f"{where}: timezone: {error}") from None


def _module(where: str, zone: ZoneInfo | None, number: int, row: dict) -> Module:
    """A row of course.yml with the moment when it is due."""
    due = row.get("due")
    try:
        moment = None if due is None else clock.moment(str(due), zone)
        due = due if isinstance(due, datetime) and due.tzinfo else moment  # one that YAML has read keeps its offset
    except ValueError as error:
        wanted = "must be like 2027-02-01 23:59, by the course's `timezone:`, or with a time zone of its own, +01:00"
        raise UserError(f"{where}: due of {row.get('name')} {wanted}: {error}") from None
    if missing := [key for key in NEEDED if key not in row]:
        raise UserError(f"{where}: module {row['name']} has no {', '.join(missing)}")
    if row.get("state", "taught") not in STATES:
        raise UserError(f"{where}: state of {row.get('name')} must be one of {', '.join(STATES)}, not {row['state']!r}")
    shown = due.astimezone(zone) if due and zone else due
    theirs = {"milestone": None, "target": None} if row.get("state") == "given" else {}  # nobody's own work reaches it
    return Module(number=number, **{**row, **theirs, "due": shown})


PATTERNS = re.compile(r"[*?[$]|%[0-9a-fA-F]{2}")  # for glob, in an address of SQLAlchemy, and for the shell


@dataclass(frozen=True)
class Workspace:
    """A student's copy of the course (`modules/`, `tinytorch/`) or the instructor's (`source/`, `tinytorch_ref/`)."""

    root: Path
    instructor: bool

    @classmethod
    def find(cls, start: Path | None = None) -> "Workspace":
        """The workspace that `start` (the current folder) lies in. Raises UserError outside of one."""
        start = (start or Path.cwd()).resolve()
        for folder in (start, *start.parents):
            if (folder / MANIFEST).is_file():
                instructor = (folder / "source").is_dir() and not (folder / RELEASED).is_dir()
                if instructor and (odd := PATTERNS.search(str(folder))):
                    raise UserError(
                        f"{folder} can't hold a course: nbgrader takes {odd[0]} in a path for something else, and "
                        "would read or write elsewhere. Rename the folder."
                    )
                return cls(folder, instructor)
        raise UserError(f"{start} is not inside a TinyTorch workspace: no {MANIFEST} here or above. Try: cd TinyTorch")

    @property
    def modules(self) -> Path:
        """The folder of the notebooks, one folder a module."""
        return self.root / ("source" if self.instructor else "modules")

    @property
    def package(self) -> Path:
        """The folder of the package that notebooks export to."""
        return self.root / ("tinytorch_ref" if self.instructor else "tinytorch")

    @property
    def tests(self) -> Path:
        """The folder of the package's tests."""
        return self.root / ("tests/tinytorch" if self.instructor else "tests")

    @cached_property
    def course(self) -> Course:
        """The manifest. Raises UserError where it can't be read."""
        return Course.read(self.root / MANIFEST)

    def notebook(self, module: str) -> Path:
        """Where a module's notebook is."""
        return self.modules / module / f"{module}_dev.ipynb"

    def export(self, module: str) -> Path:
        """Where the package has what a module's notebook exports."""
        return self.package / "core" / f"{module}.py"

    def pristine(self, module: str) -> Path:
        """Where the released notebook is. In the instructor's copy that is the notebook itself."""
        if self.instructor:
            return self.notebook(module)
        return self.root / RELEASED / module / f"{module}_dev.ipynb"

    def relative(self, path: Path) -> str:
        """A path for messages and headers, seen from the workspace."""
        return path.relative_to(self.root).as_posix()

    def written(self) -> list[str]:
        """Names of the modules that exist here, drafts included, in the course's order."""
        return [name for name in self.course.modules if self.notebook(name).is_file()]

    def is_here(self, name: str) -> bool:
        """Whether the module came to this workspace, also where its folder was moved or deleted since."""
        return (self.modules / name).is_dir() or self.pristine(name).is_file()

    def released(self) -> list[str]:
        """Names of the modules that exist here and are taught, in the course's order."""
        return [name for name in self.written() if self.course.modules[name].state == "taught"]

    def given(self) -> list[str]:
        """Names of the modules whose solutions students receive, in the course's order."""
        return [name for name, row in self.course.modules.items() if row.state == "given"]

    def row(self, name: str) -> Module:
        """The module `name`, whether it is released here or not. Raises UserError for an unknown module."""
        if name in self.course.hidden:
            raise UserError(f"Module {name} is hidden in this course ({TERM}, or {MANIFEST}: state).")
        if name not in self.course.modules:
            close = difflib.get_close_matches(name, self.course.modules, n=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            raise UserError(f"There is no module {name!r}.{hint} The modules: {', '.join(self.course.modules)}.")
        return self.course.modules[name]

    def module(self, name: str) -> Module:
        """The module `name`, which must be here. Raises UserError for an unknown or unreleased module."""
        row = self.row(name)
        if row.state == "given" and not self.instructor:
            raise UserError(f"Module {name} is given: its solution is {self.relative(self.export(name))}.")
        if not self.is_here(name):
            raise UserError(
                f"Module {name} is not released yet. Released so far: {', '.join(self.released()) or 'none'}."
            )
        if not self.notebook(name).is_file():
            raise UserError(self.missing(name))
        return row

    def missing(self, name: str) -> str:
        """What to say of a notebook that is missing: what its folder has instead, and how to get a fresh copy."""
        path = self.notebook(name)
        others = [one.name for one in sorted(path.parent.glob("*.ipynb")) if files.BACKUP not in one.name]
        found = f" Its folder has {', '.join(others)}: if yours is there, name it {path.name}." if others else ""
        fresh = f"Get a fresh copy with: python bin/tito.py reset --module {name}"
        return f"{self.relative(path)} is missing.{found} {fresh}"

    def students_module(self, name: str, command: str) -> Module:
        """The module `name`, in a student's copy. Raises UserError in the instructor's, where `command` has no use."""
        if self.instructor:
            raise UserError(f"This is the instructor's copy: {command} is for a student's.")
        return self.row(name)
