"""List what was given, and read it within limits: folders, zips, and zips in zips.

Listing reads no file. Each student's files are read with limits of their own, so that nobody's zip harms another's.
What is no plain file, such as a link or a pipe, is refused before anything opens it.
"""

import contextlib
import io
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tito.workspace import UserError

LARGEST = 50_000_000  # bytes of one file
EACH, EACH_FILES = 200_000_000, 2_000  # bytes and files of one student, unpacked
LISTED = 200_000  # files that can be given at a time
DEPTH = 4  # of zips in zips
ENTRY = b"PK\x01\x02"  # begins each entry in a zip's list of files
KINDS = {
    stat.S_ISLNK: "a link",
    stat.S_ISFIFO: "a pipe",
    stat.S_ISSOCK: "a socket",
    stat.S_ISBLK: "a device",
    stat.S_ISCHR: "a device",
}


@dataclass(frozen=True)
class File:
    """One file that was given.

    path: where it lay, with all zips on the way
    content: what it holds
    refused: why it was not read; "" if it was
    """

    path: str
    content: bytes = b""
    refused: str = ""

    @property
    def name(self) -> str:
        """The last part of the path."""
        return PurePosixPath(self.path).name


@dataclass(frozen=True)
class Entry:
    """A file that was given and is not read yet.

    names: the parts of its path, from the name of what was given
    path: how it is shown
    refused: why it must not be read; "" if it may
    """

    names: tuple[str, ...]
    path: str
    size: int
    refused: str = ""
    read: Callable[[], bytes] = bytes


@dataclass
class Budget:
    """What one student may still hand in."""

    size: int = EACH
    files: int = EACH_FILES

    def charge(self, size: int) -> str:
        """Why a file of this size is too much; "" if it is not, and then it is paid for."""
        if size > self.size:
            return f"more than the {EACH // 10**6} MB that one student may hand in"
        if not self.files:
            return f"more than the {EACH_FILES} files that one student may hand in"
        self.size -= size
        self.files -= 1
        return ""


# --- listing ------------------------------------------------------------------------------------------


def listing(path: Path, stack: contextlib.ExitStack) -> Iterator[Entry]:
    """The files in a folder or zip, or the file itself. `stack` closes the zip.

    Raises UserError if there is no such path, or if it holds too many files.
    """
    if not path.exists():
        raise UserError(f"{path} does not exist.")
    for number, entry in enumerate(_listing(path, stack)):
        if number == LISTED:
            raise UserError(f"{path} holds more than {LISTED} files.")
        yield entry


def _listing(path: Path, stack: contextlib.ExitStack) -> Iterator[Entry]:
    if path.is_dir():
        yield from _in_folder(path)
        return
    whole = _entry(path, (path.name,), path.name)
    if whole.refused or not is_zip(path.name):
        yield whole
        return
    try:
        archive = stack.enter_context(zipfile.ZipFile(path))
        entries = [info for info in archive.infolist() if not info.is_dir()]
    except Exception:  # zipfile raises many kinds; it is no zip that anybody can read
        yield Entry((path.name,), path.name, 0, "a broken zip")
        return
    for info in entries:
        name = _name(info)
        shown = f"{path.name}/{name}"
        yield Entry((path.name, *_parts(name)), shown, info.file_size, _unsafe(info), _opener(archive, info))


def _in_folder(path: Path) -> Iterator[Entry]:
    unread: list[OSError] = []
    for folder, folders, files in os.walk(path, onerror=unread.append):
        folders.sort()
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in sorted([*links, *files]):
            one = Path(folder, name)
            inside = one.relative_to(path)
            yield _entry(one, (path.name, *inside.parts), _printable(inside.as_posix()))
    for error in unread:
        inside = Path(error.filename).relative_to(path)
        yield Entry((path.name, *inside.parts), inside.as_posix(), 0, f"can't be read: {error.strerror}")


def _printable(name: str) -> str:
    """A name as it can be shown: on a disk, names may be no text."""
    return name.encode(errors="backslashreplace").decode()


def _entry(path: Path, names: tuple[str, ...], shown: str) -> Entry:
    state = path.lstat()
    return Entry(names, shown, state.st_size, irregular(state), lambda: read_plain(path, EACH))


def irregular(state: os.stat_result) -> str:
    """What a path is that is neither a plain file nor a folder; "" for these two."""
    return next((kind for is_kind, kind in KINDS.items() if is_kind(state.st_mode)), "")


def read_plain(path: Path, most: int = LARGEST) -> bytes:
    """The content of a plain file. Raises UserError if it is anything else, or larger than `most` bytes."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe would never end
    with open(os.open(path, flags), "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise UserError(f"{path.name} is {irregular(state) or 'a folder'}, and no file")
        if state.st_size > most:
            raise UserError(f"{path.name} is larger than {most // 10**6} MB")
        return file.read(most + 1)


# --- reading ------------------------------------------------------------------------------------------


def files_in(path: Path) -> Iterator[File]:
    """All files in a folder or zip, and in the zips in it. Raises UserError if `path` does not exist."""
    with contextlib.ExitStack() as stack:
        for entry in listing(path, stack):
            yield from contents(entry, Budget())


def contents(entry: Entry, budget: Budget) -> Iterator[File]:
    """The file, or all files in it if it is a zip."""
    why = entry.refused or _too_large(entry.path, entry.size) or budget.charge(entry.size)
    yield from _read(entry.path, why, entry.read, budget, 0)


def _read(path: str, why: str, read: Callable[[], bytes], budget: Budget, depth: int) -> Iterator[File]:
    """The file that `read` gives, or the files in it, unless there is a reason `why` not to read it."""
    if why:
        yield File(path, refused=why)
        return
    try:
        content = read()
    except Exception as error:  # whatever a damaged zip makes zipfile raise, it must harm no other file
        yield File(path, refused=f"can't be read: {str(error) or type(error).__name__}")
        return
    if is_zip(path):
        yield from _unpacked(path, content, budget, depth)
    else:
        yield File(path, content)


def _unpacked(path: str, content: bytes, budget: Budget, depth: int) -> Iterator[File]:
    if depth >= DEPTH:
        yield File(path, refused="a zip in a zip in a zip: too deep")
        return
    if content.count(ENTRY) > EACH_FILES:  # zipfile would read a list of millions
        yield File(path, refused=f"a zip of more than {EACH_FILES} files")
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = [info for info in archive.infolist() if not info.is_dir()]
    except Exception:  # zipfile raises many kinds; it is no zip that anybody can read
        yield File(path, refused="a broken zip")
        return
    for info in entries:
        shown = f"{path}/{_name(info)}"
        why = _unsafe(info) or _too_large(shown, info.file_size) or budget.charge(info.file_size)
        yield from _read(shown, why, _opener(archive, info), budget, depth + 1)


def _opener(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        with archive.open(info) as opened:
            content = opened.read(info.file_size + 1)
        if len(content) != info.file_size:
            raise zipfile.BadZipFile("it is shorter than its zip says")
        return content

    return read


def is_zip(name: str) -> bool:
    """Whether a file is called like a zip."""
    return name.lower().endswith(".zip")


def _too_large(name: str, size: int) -> str:
    most = EACH if is_zip(name) else LARGEST
    return f"larger than {most // 10**6} MB" if size > most else ""


def _unsafe(info: zipfile.ZipInfo) -> str:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", info.filename):
        return "its path leads out of the zip"
    mode = info.external_attr >> 16
    return next((kind for is_kind, kind in KINDS.items() if is_kind(mode)), "")


def _name(info: zipfile.ZipInfo) -> str:
    """An entry's path. macOS writes UTF-8 and does not say so; zipfile then reads it as cp437."""
    name = info.filename.replace("\\", "/")
    if info.flag_bits & 0x800:
        return name
    try:
        return name.encode("cp437").decode()
    except UnicodeError:
        return name


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part for part in name.split("/") if part not in ("", "."))
