"""Which submissions lie, file by file, as they lay when they were last read: nobody has to read them again.

A file of `SEEN` has, for each student, what the disk says of the folders of the submission (sizes, times and numbers of
inodes), and what was found in them. Who deletes the file only waits longer.
"""

import contextlib
import functools
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import autograder
import tito
from tito import files

YOUNG = 2.0  # seconds: a file may change once more within the same tick of a disk's clock
KINDS = {".py", ".j2", ".css", ".json"}
LIBRARIES = ("nbgrader", "nbconvert", "nbformat", "nh3", "latex2mathml", "pygments")


class Look(NamedTuple):
    """What the disk says of all files in some folders, in short; and whether it would show that one changes now."""

    disk: str
    settled: bool


def look(*folders: Path) -> Look:
    """Look at all files in `folders`, before somebody reads them. A folder that is not there holds none."""
    facts, newest = [], 0.0
    for folder in folders:
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for path, state in _below(str(folder)):
                facts.append((path, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_mode))
                newest = max(newest, state.st_ctime, state.st_mtime)
    shown = repr(sorted(facts)).encode(errors="surrogateescape")
    return Look(hashlib.sha256(shown).hexdigest()[:32], time.time() - newest > YOUNG)


def _below(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry.path, entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path)


class Looks:
    """What was found in the folders of students, each with the look before.

    path: where it is kept
    about: a checksum of all else that the findings depend on
    """

    def __init__(self, path: Path, about: str):
        self.path, self.about = path, about
        self.known: dict[str, dict] = {}
        try:
            kept = json.loads(path.read_bytes())
            self.known = kept["students"] if kept["about"] == about else {}
        except (OSError, ValueError, KeyError, TypeError):  # it is only a short cut
            pass
        self.changed = False

    def found(self, student: str, seen: Look) -> Any:
        """What was found in a student's folders when they lay as they were `seen` now; None if they never did."""
        known = self.known.get(student)
        return known["found"] if known and known["disk"] == seen.disk else None

    def note(self, student: str, seen: Look, found: Any) -> None:
        """Note what was found in folders that were `seen` so before they were read."""
        if seen.settled:
            self.known[student] = {"disk": seen.disk, "found": found}
            self.changed = True

    def keep(self) -> None:
        """Write what is new."""
        if self.changed:
            files.write(self.path, json.dumps({"about": self.about, "students": self.known}), private=True)


def once(path: Path, about: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, plain data, or what the file at `path` has kept of it for the same `about`."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # the file is only a short cut
        kept = json.loads(path.read_bytes())
        if kept["about"] == about:
            return kept["found"]
    found = make()
    files.write(path, json.dumps({"about": about, "found": found}), private=True)
    return found


@functools.cache
def programs() -> str:
    """A checksum of all code and templates of the course, and of the libraries that read and draw."""
    folders = [Path(package.__file__ or "").parent for package in (autograder, tito)]
    paths = [path for folder in folders for path in sorted(folder.rglob("*")) if path.suffix in KINDS]
    versions = "\0".join(map(version, LIBRARIES))
    return hashlib.sha256(b"\0".join([versions.encode(), *(path.read_bytes() for path in paths)])).hexdigest()
