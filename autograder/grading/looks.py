"""Which submissions lie, file by file, as they lay when they were last found unchanged: nobody has to read them again.

A file in .cache has, for each student, what the disk says of the files in submitted/ and autograded/: sizes, times and
numbers of inodes. Who deletes it only waits longer.
"""

import functools
import hashlib
import json
import os
import time
from pathlib import Path

import autograder
from autograder.judging.jobs import job_of, key_of
from autograder.judging.source import Source
from tito import files

YOUNG = 2.0  # seconds: a file may change once more within the same tick of a disk's clock


class Looks:
    """What the last look at a module's submissions has found."""

    def __init__(self, source: Source, seed: int):
        self.path = source.workspace.root / ".cache" / "looked" / f"{source.module}.json"
        job = job_of(source.notebook, source, seed, source.files)
        self.course = key_of(job, source.version, str(source.follow_through), _readers())
        self.known: dict[str, dict] = {}
        try:
            found = json.loads(self.path.read_bytes())
            self.known = found["students"] if found["course"] == self.course else {}
        except (OSError, ValueError, KeyError, TypeError):  # it is only a short cut
            pass
        self.changed = False

    def notes(self, student: str, key: str, folders: tuple[Path, Path]) -> list[str] | None:
        """What there was to say of a submission that lies as it lay, and is on record under `key`; None of another."""
        found = self.known.get(student)
        if found and found["key"] == key and found["disk"] == _disk(folders)[0]:
            return found["notes"]
        return None

    def note(self, student: str, key: str, folders: tuple[Path, Path], notes: list[str]) -> None:
        """Note that a submission was found unchanged."""
        disk, newest = _disk(folders)
        if time.time() - newest > YOUNG:
            self.known[student] = {"key": key, "disk": disk, "notes": notes}
            self.changed = True

    def keep(self) -> None:
        """Write what is new."""
        if self.changed:
            files.write(self.path, json.dumps({"course": self.course, "students": self.known}))


def _disk(folders: tuple[Path, Path]) -> tuple[str, float]:
    """What the disk says of all files in `folders`, in short, and when the last of it changed."""
    facts, newest = [], 0.0
    for folder in folders:
        for entry in _below(str(folder)):
            state = entry.stat(follow_symlinks=False)
            facts.append((entry.path, state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino, state.st_mode))
            newest = max(newest, state.st_ctime, state.st_mtime)
    return hashlib.sha256(repr(sorted(facts)).encode(errors="surrogateescape")).hexdigest()[:32], newest


def _below(folder: str):
    with os.scandir(folder) as entries:
        for entry in entries:
            yield entry
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path)


@functools.cache
def _readers() -> str:
    """A checksum of the code that reads what was handed in."""
    home = Path(autograder.__file__).parent
    paths = [path for name in ("intake", "grading") for path in sorted((home / name).glob("*.py"))]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()
