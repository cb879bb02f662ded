"""Fill submitted/<student>/<module>/ with the files that an LMS, the exchange or students give.

A file's path says whose it is. A notebook's cells say which module it belongs to, whatever the file is called.
Every file gets a row that says what became of it.
"""

import functools
import json
import re
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from autograder.deadlines.deadlines import Deadlines
from autograder.intake.archives import File
from autograder.intake.owners import SubmittedNames, owner
from autograder.intake.roster import Roster
from autograder.intake.times import PACKED, STAMP, handed_in, packed_at, time_in
from autograder.judging.source import Source, folder_files, ignored
from tito.files import replace_folder
from tito.notebooks import grade_id
from tito.workspace import UserError

NEVER = datetime.min.replace(tzinfo=UTC)
DEBRIS = re.compile(r"(^|/)(__MACOSX|\.ipynb_checkpoints|__pycache__|\.DS_Store|Thumbs\.db|\._[^/]*)(/|$)")


@dataclass
class Attempt:
    """A notebook of the module that somebody handed in, and the files that came with it.

    numbers: the numbers by which a system counts attempts and files
    marked: whether the system, which gives no time, says that it came late
    """

    student: str
    notebook: File
    others: list[File]
    time: datetime | None
    due: datetime | None
    numbers: tuple
    marked: bool

    @property
    def late(self) -> bool:
        """Whether it came after the deadline."""
        return bool(self.due and self.time > self.due) if self.time else self.marked

    @property
    def rank(self) -> tuple:
        """The attempt with the largest rank counts: in time is better than late, and newer is better than older."""
        return not self.late, self.time or NEVER, *self.numbers

    def beside(self, file: File) -> str:
        """A file's path, seen from the notebook's folder."""
        return file.path.removeprefix(f"{self.notebook.folder}/")

    def files(self, source: Source) -> dict[str, bytes]:
        """The files for submitted/: path → content."""
        stamp = {STAMP: f"{self.time:%Y-%m-%d %H:%M:%S.%f} UTC".encode()} if self.time else {}
        return {
            **{self.beside(file): file.content for file in self.others},
            **stamp,
            source.path.name: self.notebook.content,
        }


@dataclass
class FileRow:
    """What became of a file, in words. trouble: whether a person has to look at it."""

    path: str
    student: str
    text: str
    trouble: bool = False


@dataclass
class Collection:
    """The work on the files that were given for one module."""

    source: Source
    roster: Roster
    deadlines: Deadlines
    rows: list[FileRow] = field(default_factory=list)
    doubts: dict[str, str] = field(default_factory=dict)  # student → why nobody can tell which attempt counts

    def sort(self, files: list[File]) -> dict[str, list[Attempt]]:
        """student → attempts, first the one that counts. All other files get their rows."""
        attempts, rest = {}, []
        for file in files:
            kind = _module_of(file, self.source.workspace) if not file.refused else None
            if kind != self.source.module:
                rest.append((file, kind))
                continue
            said = self._owner(file)
            if said is None:
                self.rows.append(FileRow(file.path, "", "its name does not say whose it is", trouble=True))
                continue
            student, why = self.roster.find(said)
            if student is None:
                self.rows.append(FileRow(file.path, "", why, trouble=True))
            elif not _fits(student):
                self.rows.append(FileRow(file.path, "", f"{student!r} can't be a student's id", trouble=True))
            else:
                attempts.setdefault(student, []).append(self._attempt(student, said, file))
        self._others(rest, attempts)
        for student, why in self.doubts.items():
            self.rows += [
                FileRow(file.path, student, f"not taken: {why}", trouble=True)
                for one in attempts.pop(student)
                for file in (one.notebook, *one.others)
            ]
        ranked = ((student, sorted(found, key=lambda one: one.rank)) for student, found in attempts.items())
        return {student: found[::-1] for student, found in sorted(ranked)}

    def _owner(self, file: File) -> dict | None:
        said = owner(file.path)
        if said is None:
            found = SubmittedNames().collect(file.path)
            if found and found["module"] == self.source.module:
                said = {"system": "Submitted", **found}
        return said

    def _attempt(self, student: str, said: dict, notebook: File) -> Attempt:
        time = self._time(student, said.get("timestamp")) or packed_at(notebook.path)
        due = self.deadlines.due(student, self.source.module)
        numbers = [int(said.get(key) or 0) for key in ("attempt", "order")]
        numbers.append(notebook.name == self.source.path.name)
        return Attempt(student, notebook, [], time, due, tuple(numbers), bool(said.get("late")))

    def _time(self, student: str, text: str | None) -> datetime | None:
        """The time in a text; None without one. If nobody can read it, note a doubt about the student."""
        try:
            return None if text is None else time_in(text, self.source.workspace.course.zone)
        except ValueError as error:
            self.doubts.setdefault(student, str(error))
            return None

    def _others(self, rest: list[tuple[File, str | None]], attempts: dict[str, list[Attempt]]) -> None:
        """Give each file to the attempt in whose folder it lies; say why other files are left out."""
        folders = {one.notebook.folder: one for found in attempts.values() for one in found if _alone(one.notebook)}
        for file, kind in rest:
            home = next((folders[one] for one in _parents(file.folder) if one in folders), None)
            if file.refused:
                self.rows.append(FileRow(file.path, "", f"not read: {file.refused}", trouble=True))
            elif DEBRIS.search(file.path):
                self.rows.append(FileRow(file.path, "", "left out: a system's own file"))
            elif home and file.name == STAMP:
                said = self._time(home.student, file.content.decode(errors="replace"))
                home.time = home.time or said
                self.rows.append(FileRow(file.path, home.student, "read: when it was handed in"))
            elif home and ignored(PurePosixPath(home.beside(file))):
                self.rows.append(
                    FileRow(file.path, home.student, "left out: nothing that begins with . or _ is graded")
                )
            elif home and not file.name.endswith(".ipynb"):
                home.others.append(file)
            else:
                said = self._owner(file)
                student = (self.roster.find(said)[0] if said else None) or ""
                what = f"a notebook of {kind}" if kind else f"no notebook of {self.source.module}"
                trouble = student not in attempts
                self.rows.append(FileRow(file.path, student, f"left out: {what}", trouble))

    def lay(self, ranked: dict[str, list[Attempt]]) -> None:
        """Write the attempts that count to submitted/, and keep what lay there in replaced/."""
        for student, (best, *older) in ranked.items():
            try:
                self.rows.append(FileRow(best.notebook.path, student, self._lay_one(best)))
            except UserError as error:
                self.rows.append(FileRow(best.notebook.path, student, f"not taken: {error}", trouble=True))
                continue
            self.rows += [FileRow(file.path, student, "taken along") for file in best.others]
            for one in older:
                late = one.late and not best.late
                words = "left out: late, and another one was in time" if late else "left out: an older attempt"
                self.rows += [FileRow(file.path, student, words) for file in (one.notebook, *one.others)]

    def _lay_one(self, attempt: Attempt) -> str:
        workspace, late = self.source.workspace, ", late" * attempt.late
        folder = workspace.root / "submitted" / attempt.student / self.source.module
        files, kept = attempt.files(self.source), ""
        if folder.is_dir():
            present = {**folder_files(folder), **{path.name: path.read_bytes() for path in folder.glob("*.ipynb")}}
            if present == files:
                return f"unchanged{late}"
            there = handed_in(workspace, folder)
            if there and attempt.time and there > attempt.time:
                return "left out: submitted/ has a newer one"
            if there and attempt.due and not attempt.time:
                raise UserError(f"it says no time, and what is in submitted/ is of {there:%Y-%m-%d %H:%M:%S} UTC")
            kept = _free(workspace.root / "replaced" / attempt.student, self.source.module)
            shutil.copytree(folder, kept)
            kept = f"; what was there is in {workspace.relative(kept)}"
        replace_folder(folder, files)
        return f"taken{late}{kept}"


def _module_of(file: File, workspace) -> str | None:
    """The module that a notebook belongs to, by the names of its cells, or by the file's name if it is broken."""
    if not file.name.endswith(".ipynb") or DEBRIS.search(file.path):
        return None
    try:
        cells = json.loads(file.content)["cells"]
        names = {grade_id(cell) or cell.get("id") for cell in cells if isinstance(cell, dict)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return next((name for name in workspace.written() if f"{name}_dev" in file.name), None)
    shared = {name: len(names & _names_of(workspace, name)) for name in workspace.written()}
    best = max(shared, key=lambda name: shared[name], default=None)
    return best if best and shared[best] > len(_names_of(workspace, best)) / 4 else None


@functools.cache
def _names_of(workspace, module: str) -> frozenset[str]:
    """Names of cells that only this module's notebook has."""
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


def _free(folder: Path, name: str) -> Path:
    return next(path for number in range(1, 10**6) if not (path := folder / f"{name}-{number}").exists())
