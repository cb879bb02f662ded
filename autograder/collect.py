"""What an LMS, the exchange or students themselves give, made into submitted/<student>/<module>/.

Whose a file is says its name, by a plug-in of nbgrader's `zip_collect` for each system; which module it belongs to say
its cells, whatever the file is called. Every file that was there is accounted for.
"""

import functools
import io
import json
import re
import shutil
import stat
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import parse_utc

from autograder.late import Accommodations
from autograder.record import exchange
from autograder.source import Source, folder_files, ignored
from tito.notebooks import grade_id
from tito.workspace import UserError

LARGEST, ALL_TOGETHER, FILES, DEPTH = 50_000_000, 2_000_000_000, 200_000, 4
NEVER = datetime.min.replace(tzinfo=UTC)
DEBRIS = re.compile(r"(^|/)(__MACOSX|\.ipynb_checkpoints|__pycache__|\.DS_Store|Thumbs\.db|\._[^/]*)(/|$)")


@dataclass(frozen=True)
class File:
    """One file of what was given: where it lay, with all zips on the way, and what it holds; or why it is not read."""

    path: str
    content: bytes = b""
    refused: str = ""

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name

    @property
    def folder(self) -> str:
        return str(PurePosixPath(self.path).parent)


def files_in(path: Path) -> Iterator[File]:
    """All files in a folder or zip, those in zips in it, too. Raises UserError when there is nothing to read."""
    if not path.exists():
        raise UserError(f"{path} does not exist.")
    budget = [ALL_TOGETHER, FILES]
    if path.is_dir():
        for one in sorted(path.rglob("*")):
            shown = one.relative_to(path).as_posix()
            if one.is_symlink():
                yield File(shown, refused="a link")
            elif one.is_file():
                yield from _opened(File(shown, _bounded(one)), budget, 0)
    else:
        yield from _opened(File(path.name, _bounded(path, ALL_TOGETHER)), budget, 0)


def _bounded(path: Path, most: int = ALL_TOGETHER) -> bytes:
    with path.open("rb") as file:
        return file.read(most + 1)


def _opened(file: File, budget: list[int], depth: int) -> Iterator[File]:
    """The file, or what is in it if it is a zip."""
    if not file.name.lower().endswith(".zip"):
        too_large = len(file.content) > LARGEST
        yield File(file.path, refused=f"larger than {LARGEST // 10**6} MB") if too_large else file
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.content))
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        yield File(file.path, refused="a broken zip")
        return
    if depth >= DEPTH:
        yield File(file.path, refused="a zip in a zip in a zip: too deep")
        return
    for entry in entries:
        shown = f"{file.path}/{entry.filename}"
        why = _unsafe(entry) or _too_much(entry, budget)
        if why:
            yield File(shown, refused=why)
            continue
        try:
            with archive.open(entry) as opened:
                content = opened.read(entry.file_size + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError) as error:
            yield File(shown, refused=f"can't be unpacked: {error}")
            continue
        yield from _opened(File(shown, content), budget, depth + 1)


def _unsafe(entry: zipfile.ZipInfo) -> str:
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", entry.filename):
        return "its path leads out of the zip"
    return "a link" if stat.S_ISLNK(entry.external_attr >> 16) else ""


def _too_much(entry: zipfile.ZipInfo, budget: list[int]) -> str:
    nested = entry.filename.lower().endswith(".zip")
    if entry.file_size > (ALL_TOGETHER // 4 if nested else LARGEST):
        return f"larger than {LARGEST // 10**6} MB"
    budget[0] -= entry.file_size
    budget[1] -= 1
    return "" if min(budget) >= 0 else "more than one collection may hold"


# --- whose it is ------------------------------------------------------------------------------------


class Collector(FileNameCollectorPlugin):
    """One system's names; `named_regexp` is matched with a part of a path, a folder's or the file's own."""

    def collect(self, submitted_file):
        found = re.search(self.named_regexp, submitted_file.replace("\\", "/"))
        return found and found.groupdict()


class Moodle(Collector):
    """`Ada Lovelace_123456_assignsubmission_file`, a folder or the beginning of a file's name."""

    named_regexp = r"(?:^|/)(?P<full_name>[^/_]+)_(?P<student_id>\d+)_assignsubmission_[a-z]+_?/?(?P<file_id>[^/]*)"


class Canvas(Collector):
    """`lovelaceada_LATE_4711_998877_tensor_dev-2.ipynb`: user, file, and how often it was handed in before."""

    named_regexp = (
        r"(?:^|/)(?P<full_name>[^/_]+)(?:_(?P<late>LATE))?_(?P<student_id>\d+)_(?P<order>\d+)_"
        r"(?P<file_id>[^/]*?)(?:-(?P<attempt>\d+))?(?:\.\w+)?(?:/|$)"
    )


class Inbound(Collector):
    """nbgrader's exchange, `ada+tensor+2026-11-25 10:15:00.000000 UTC+a1b2c3`."""

    named_regexp = (
        r"(?:^|/)(?P<student_id>[^/+]+)\+(?P<module>[^/+]+)\+(?P<timestamp>[^/+]+)(?:\+[^/]*)?/(?P<file_id>.*)"
    )


class Attempted(Collector):
    """`tensor_ada_attempt_2026-11-25-10-15-00_tensor_dev.ipynb`, of nbgrader's own documentation; Blackboard's, too."""

    named_regexp = (
        r"(?:^|/)[^/]*?_(?P<student_id>[^/_]+)_attempt_(?P<timestamp>\d{4}(?:-\d\d){5})_?(?P<file_id>[^/]*)(?:/|$)"
    )


class Submitted(Collector):
    """`ada/tensor/tensor_dev.ipynb`, as in submitted/."""

    named_regexp = r"(?:^|/)(?P<student_id>[^/]+)/(?P<module>[^/]+)/(?P<file_id>[^/]+)$"


SYSTEMS = (Moodle, Inbound, Attempted, Canvas)
PACKED = re.compile(r"-(\d{8}T\d{6})Z(?:-\d+)?\.zip(?:/|$)")  # by tito submit


def owner(path: str) -> dict | None:
    """What a path says of its student: student_id, and more, by system; None if it says nothing."""
    for system in SYSTEMS:
        found = system().collect(path)
        if found:
            return {"system": system.__name__, **found}
    return None


@dataclass
class Roster:
    """The students that the gradebook knows, if it was told of any by name."""

    students: list

    @classmethod
    def of(cls, gradebook) -> "Roster":
        named = [one for one in gradebook.students if one.last_name or one.first_name or one.email or one.lms_user_id]
        return cls(named)

    def find(self, said: dict) -> tuple[str | None, str]:
        """A student's id for what a path says, or None and why. Without a roster, ids are taken as they come."""
        given = said["student_id"]
        if not self.students:
            return given, ""
        for students in (
            [one for one in self.students if given in (one.id, one.lms_user_id)],
            [one for one in self.students if said.get("full_name") and _plain(said["full_name"]) in _names(one)],
        ):
            if len(students) == 1:
                return students[0].id, ""
            if students:
                return None, f"{len(students)} students could be meant: {', '.join(one.id for one in students)}"
        shown = " ".join(filter(None, (said.get("full_name"), given)))
        return None, f"{shown} is not in the roster"


def _names(student) -> set[str]:
    first, last = student.first_name or "", student.last_name or ""
    return {_plain(first + last), _plain(last + first)} - {""}


def _plain(text: str) -> str:
    """Letters and digits alone, without accents: how systems shorten names."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


# --- attempts ---------------------------------------------------------------------------------------


@dataclass
class Attempt:
    """A notebook of the module that somebody handed in, and the files that came with it."""

    student: str
    notebook: File
    others: list[File]
    time: datetime | None
    due: datetime | None
    numbers: tuple  # by which a system counts attempts and files
    marked: bool  # late, says the system, which tells no time

    @property
    def late(self) -> bool:
        return bool(self.due and self.time > self.due) if self.time else self.marked

    @property
    def rank(self) -> tuple:
        """In time before late, and then the newest: larger is better."""
        return not self.late, self.time or NEVER, *self.numbers

    def beside(self, file: File) -> str:
        """A file's path, seen from the notebook's folder."""
        return file.path.removeprefix(f"{self.notebook.folder}/")

    def files(self, source: Source) -> dict[str, bytes]:
        """What will lie in submitted/: path → content."""
        stamp = {"timestamp.txt": f"{self.time:%Y-%m-%d %H:%M:%S.%f} UTC".encode()} if self.time else {}
        return {
            **{self.beside(file): file.content for file in self.others},
            **stamp,
            source.path.name: self.notebook.content,
        }


@dataclass
class Row:
    """What became of a file. trouble: whether a person has to look at it."""

    path: str
    student: str
    text: str
    trouble: bool = False


@dataclass
class Collection:
    """The work on what was given for one module."""

    source: Source
    roster: Roster
    allowed: Accommodations
    rows: list[Row] = field(default_factory=list)

    def sort(self, files: list[File]) -> dict[str, list[Attempt]]:
        """student → attempts, the one that counts first; all other files get their rows."""
        attempts, rest = {}, []
        for file in files:
            kind = _module_of(file, self.source.workspace) if not file.refused else None
            if kind != self.source.module:
                rest.append((file, kind))
                continue
            said = self._owner(file)
            student, why = self.roster.find(said) if said else (None, "its name does not say whose it is")
            if student is None:
                self.rows.append(Row(file.path, "", why, trouble=True))
            elif not _fits(student):
                self.rows.append(Row(file.path, "", f"{student!r} can't be a student's id", trouble=True))
            else:
                attempts.setdefault(student, []).append(self._attempt(student, said, file))
        self._others(rest, attempts)
        ranked = ((student, sorted(found, key=lambda one: one.rank)) for student, found in attempts.items())
        return {student: found[::-1] for student, found in sorted(ranked)}

    def _owner(self, file: File) -> dict | None:
        said = owner(file.path)
        if said is None:
            found = Submitted().collect(file.path)
            known = found and found["module"] == self.source.module
            said = {"system": "Submitted", **found} if known else None
        return said

    def _attempt(self, student: str, said: dict, notebook: File) -> Attempt:
        time = _time(said.get("timestamp")) or _packed_at(notebook.path)
        due = self.allowed.due(student, self.source.workspace.course, self.source.module)
        numbers = [int(said.get(key) or 0) for key in ("attempt", "order")]
        numbers.append(notebook.name == self.source.path.name)
        return Attempt(student, notebook, [], time, due, tuple(numbers), bool(said.get("late")))

    def _others(self, rest: list[tuple[File, str | None]], attempts: dict[str, list[Attempt]]) -> None:
        """Give files to the attempt in whose folder they lie; say why the rest is left out."""
        folders = {one.notebook.folder: one for found in attempts.values() for one in found if _alone(one.notebook)}
        for file, kind in rest:
            home = next((folders[one] for one in _parents(file.folder) if one in folders), None)
            if file.refused:
                self.rows.append(Row(file.path, "", f"not read: {file.refused}", trouble=True))
            elif DEBRIS.search(file.path):
                self.rows.append(Row(file.path, "", "left out: a system's own file"))
            elif home and file.name == "timestamp.txt":
                home.time = home.time or _time(file.content.decode(errors="replace").strip())
                self.rows.append(Row(file.path, home.student, "read: when it was handed in"))
            elif home and ignored(PurePosixPath(home.beside(file))):
                self.rows.append(Row(file.path, home.student, "left out: nothing that begins with . or _ is graded"))
            elif home and not file.name.endswith(".ipynb"):
                home.others.append(file)
            else:
                said = self._owner(file)
                student = (self.roster.find(said)[0] if said else None) or ""
                what = f"a notebook of {kind}" if kind else f"no notebook of {self.source.module}"
                trouble = student not in attempts
                self.rows.append(Row(file.path, student, f"left out: {what}", trouble))

    def lay(self, ranked: dict[str, list[Attempt]]) -> None:
        """Write what counts to submitted/; what lay there is kept in replaced/."""
        for student, (best, *older) in ranked.items():
            self.rows.append(Row(best.notebook.path, student, self._lay_one(best)))
            self.rows += [Row(file.path, student, "taken along") for file in best.others]
            for one in older:
                late = one.late and not best.late
                words = "left out: late, and another one was in time" if late else "left out: an older attempt"
                self.rows += [Row(file.path, student, words) for file in (one.notebook, *one.others)]

    def _lay_one(self, attempt: Attempt) -> str:
        workspace, late = self.source.workspace, ", late" * attempt.late
        folder = workspace.root / "submitted" / attempt.student / self.source.module
        files, kept = attempt.files(self.source), ""
        if folder.is_dir():
            present = {**folder_files(folder), **{path.name: path.read_bytes() for path in folder.glob("*.ipynb")}}
            if present == files:
                return f"unchanged{late}"
            there = _time(present.get("timestamp.txt", b"").decode(errors="replace").strip())
            if there and attempt.time and there > attempt.time:
                return "left out: submitted/ has a newer one"
            kept = _free(workspace.root / "replaced" / attempt.student, self.source.module)
            shutil.copytree(folder, kept)
            kept = f"; what was there is in {workspace.relative(kept)}"
        exchange(folder, files)
        return f"taken{late}{kept}"


def _module_of(file: File, workspace) -> str | None:
    """The module that a notebook is of, by the names of its cells; a broken one by its file's name."""
    if not file.name.endswith(".ipynb") or DEBRIS.search(file.path):
        return None
    try:
        cells = json.loads(file.content)["cells"]
        names = {grade_id(cell) or cell.get("id") for cell in cells if isinstance(cell, dict)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return next((name for name in workspace.written() if f"{name}_dev" in file.name), None)
    shared = {name: len(names & _names_of(workspace, name)) for name in workspace.written()}
    best = max(shared, key=shared.get, default=None)
    return best if best and shared[best] > len(_names_of(workspace, best)) / 4 else None


@functools.cache
def _names_of(workspace, module: str) -> frozenset[str]:
    """Names of the cells that tell a module's notebook from others'."""
    return frozenset(Source.of(workspace, module).named_cells) - {"title", "imports", "default_exp", "notebook_imports"}


def _alone(notebook: File) -> bool:
    """Whether the notebook's folder holds one attempt, and not a whole class."""
    if owner(f"{notebook.folder}/") or PACKED.search(notebook.path):
        return True
    return owner(notebook.path) is None


def _parents(folder: str) -> list[str]:
    path = PurePosixPath(folder)
    return [str(path), *map(str, path.parents)]


def _fits(student: str) -> bool:
    return bool(re.fullmatch(r"[^/\\\0]{1,100}", student)) and not student.startswith(".")


def _time(text: str | None) -> datetime | None:
    if not text:
        return None
    digits = re.fullmatch(r"(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)", text)
    try:
        return parse_utc("{} {}:{}:{}".format(*digits.groups()) if digits else text).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _packed_at(path: str) -> datetime | None:
    found = PACKED.search(path)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None


def _free(folder: Path, name: str) -> Path:
    return next(path for number in range(1, 10**6) if not (path := folder / f"{name}-{number}").exists())
