"""Read all files in folders, in zips, and in zips in zips, within limits."""

import io
import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tito.workspace import UserError

LARGEST, ALL_TOGETHER, FILES, DEPTH = 50_000_000, 2_000_000_000, 200_000, 4


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

    @property
    def folder(self) -> str:
        """The path without its last part."""
        return str(PurePosixPath(self.path).parent)


def files_in(path: Path) -> Iterator[File]:
    """All files in a folder or zip, and in the zips in it. Raises UserError if `path` does not exist."""
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
    """The file itself, or the files in it if it is a zip."""
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
