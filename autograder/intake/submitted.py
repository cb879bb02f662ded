"""What lies in submitted/, whoever put it there: whose it is, whether it may be read, and which notebook counts."""

import contextlib
import functools
import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from autograder.intake.archives import LARGEST, Budget, irregular, is_zip, read_plain
from autograder.intake.ids import as_heard, can_be_id, same_name
from autograder.intake.notebooks import AS_RELEASED, Candidate, choose, is_notebook
from autograder.intake.times import STAMP
from autograder.judging.source import Source, ignored
from tito import files
from tito.console import complain
from tito.workspace import UserError, Workspace

if TYPE_CHECKING:  # who only grades, as otter does, has no nbgrader
    from autograder.intake.roster import Roster


SEEN = Path(".cache", "students")  # copies of what was found in students' work, so that nobody reads it again


@contextlib.contextmanager
def alone(workspace: Workspace, module: str) -> Iterator[None]:
    """Let one process at a time collect or grade a module, or make its pages. The lock goes when the process ends."""
    path = _lock(workspace, module)
    path.parent.mkdir(exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        complain(f"somebody else is working on {module}; waiting for them to finish.")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def at_work(workspace: Workspace, module: str) -> bool:
    """Whether somebody collects or grades a module now, or makes its pages."""
    path = _lock(workspace, module)
    if path.exists():
        try:
            with FileLock(path, timeout=0):
                pass
        except Timeout:
            return True
    return False


def _lock(workspace: Workspace, module: str) -> Path:
    return workspace.root / ".cache" / f"grading-{module}.lock"


def submissions(source: Source, students: Collection[str] | None = None) -> dict[str, Path]:
    """student → folder of the submission, of all or of `students`.

    First it finishes what an interrupted `tito collect` left.
    """
    root, name = source.workspace.root / "submitted", f".{source.module}"
    if left := [*files.in_each(root, f"{name}.old"), *files.in_each(root, f"{name}.part")]:
        with alone(source.workspace, source.module):
            for part in left:
                files.finish_replacing(part.with_name(source.module))
    folders = files.in_each(root, source.module)
    return {folder.parent.name: folder for folder in folders if students is None or folder.parent.name in students}


def misplaced(source: Source, students: Collection[str] | None = None) -> dict[str, str]:
    """student → what to say of work on the module that lies in submitted/ where nothing is read.

    Only of students who have no folder of the module; of all, or of `students`.
    """
    found = {}
    with contextlib.suppress(FileNotFoundError), os.scandir(source.workspace.root / "submitted") as entries:
        for entry in entries:
            chosen = not entry.name.startswith(".") and (students is None or entry.name in students)
            if chosen and entry.is_dir(follow_symlinks=False) and not os.path.lexists(f"{entry.path}/{source.module}"):
                for path in sorted(filter(functools.partial(_seems_of, source), Path(entry.path).iterdir())):
                    shown = source.workspace.relative(path)
                    found[entry.name] = f"{shown} is not read: work belongs into submitted/STUDENT/{source.module}/"
    return found


def _seems_of(source: Source, path: Path) -> bool:
    """Whether a file, or a folder that is no module's, looks as if it held work on the module."""
    if path.name.startswith(".") or path.is_symlink() or path.name in source.workspace.course.modules:
        return False
    inside = [path.name] if path.is_file() else [name for _, _, names in os.walk(path) for name in names]
    own_name = as_heard(path.name.strip()) == source.module
    return any(is_notebook(name) and (own_name or source.path.stem in name.lower()) for name in inside)


def refuse_stranger(student: str, everybody: frozenset[str], roster: "Roster") -> None:
    """Raise UserError if nobody can tell whose the folder of `student` is. everybody: all names in submitted/."""
    if not can_be_id(student):
        raise UserError(f"{student!a} can't be a student's id: rename the folder of submitted/.")
    twins = _by_sound(everybody).get(as_heard(student), [])
    if len(twins) > 1 and not {same_name(one) for one in twins} >= set(twins) <= {one.id for one in roster.students}:
        shown = " and ".join(sorted(map(ascii, twins)))
        raise UserError(f"submitted/ has {shown}: is this one student? Put the work of one into one folder.")
    found, why = roster.by_id(student)
    if found is None:
        raise UserError(f"{why}. Rename the folder, or add the student: tito roster import")
    if roster.students and found != student:
        raise UserError(f"submitted/{student!a} is {found!a} in the roster: rename the folder.")


@functools.lru_cache(maxsize=2)
def _by_sound(names: frozenset[str]) -> dict[str, list[str]]:
    """Names by what is the same in all ways to write them."""
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(as_heard(name), []).append(name)
    return found


def refuse_unreadable(folder: Path) -> None:
    """Raise UserError if a submission holds anything but plain files, or one that is too large: nothing opens these."""
    for path in (folder.parent, folder):
        if path.is_symlink():
            raise UserError(f"{path.name} is a link to somewhere else: the files themselves have to be handed in.")
        if path.exists() and not path.is_dir():
            raise UserError(f"submitted/{path.relative_to(folder.parent.parent).as_posix()} is no folder.")
    budget = Budget()
    for path in sorted(folder.rglob("*")):
        state, shown = path.lstat(), path.relative_to(folder).as_posix()
        if kind := irregular(state):
            elsewhere = " to somewhere else" if path.is_symlink() else ""
            raise UserError(f"{shown} is {kind}{elsewhere}: the file itself has to be handed in.")
        if path.is_file() and state.st_size > LARGEST:
            raise UserError(f"{shown} is larger than {LARGEST // 10**6} MB.")
        if path.is_file() and (why := budget.charge(state.st_size)):
            raise UserError(f"{shown} is {why}.")


def adopt(source: Source, folder: Path) -> list[str]:
    """Give the notebook that counts the name that graders look for. Returns what there is to say about others.

    The student's file stays as it is: its copy gets the name. One that had the name, and that nobody has worked on,
    gets another. Raises UserError if none is of the module, or if a person has to decide which one counts.
    """
    wanted = folder / source.path.name
    if wanted.is_dir():
        shown = wanted.relative_to(folder.parents[2]).as_posix()
        raise UserError(f"{shown} is a folder. Lay the notebook that counts there in its place.")
    paths = [path for path in sorted(folder.rglob("*")) if is_notebook(path.name) and _counts(path, folder)]
    if folder.resolve() == source.folder.resolve():
        return []
    if not paths:
        raise UserError(_without_notebook(folder, wanted.name))
    found = [Candidate(path.relative_to(folder).as_posix(), read_plain(path)) for path in paths]
    best, passed = choose(source, found)
    if best is None:
        names = ", ".join(one.path for one in found)
        raise UserError(f"None of the notebooks that were handed in is of {source.module}: {names}.")
    if best.path != wanted.name:
        if wanted.exists():
            files.keep(wanted, folder / f"{wanted.stem} as released.ipynb")
        files.write(wanted, best.content)
    return [f"{found[number].path} was {why}" for number, why in passed.items() if why == AS_RELEASED]


def _without_notebook(folder: Path, wanted: str) -> str:
    """What to say of a submission that holds no notebook."""
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.name != STAMP)
    shown = f"What is there: {', '.join(names[:5]) or 'nothing'}"
    opened = ". `tito collect` opens zips, and nothing else does" if any(map(is_zip, names)) else ""
    return f"{wanted} is missing, and no other notebook was handed in. {shown}{opened}."


def _counts(path: Path, folder: Path) -> bool:
    return path.is_file() and not ignored(path.relative_to(folder))


def plain_files(folder: Path) -> dict[str, bytes]:
    """All files of a submission that may be read. Raises UserError if it holds anything that may not."""
    refuse_unreadable(folder)
    paths = [Path(where, name) for where, _, names in os.walk(folder) for name in names]
    return {path.relative_to(folder).as_posix(): read_plain(path) for path in sorted(paths)}
