"""Writing files and folders so that an interruption, a full disk or a power cut loses nothing."""

import contextlib
import errno
import os
import shutil
import stat
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

BACKUP = ".backup-"  # in the name of a copy that `keep` made
OTHERS = 0o007  # of a file's mode: what people may who are neither its owner nor in its group


def write(path: Path, content: str | bytes, mode: int | None = None, private: bool = False) -> None:
    """Put `content` at `path` all at once: readers see the old file or the new one, never a part.

    mode: of the file, as it first appears at `path`; by default that of the file that lay there, or what the process's
        umask says
    private: whether it is about students: nobody but its owner, and the group as far as the umask says, ever reads it
    When the function returns, the content is on the disk, and a power cut does not lose it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_native_id()}.part")
    try:
        mode = _mode_at(path, private) if mode is None else mode
        _write_through(part, content.encode() if isinstance(content, str) else content, mode, private)
        os.replace(part, path)
        _sync_folder(path.parent)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


def replace_folder(folder: Path, files: dict[str, bytes], mode: int = 0o444) -> None:
    """Put a new folder that holds `files` (name -> content) in the place of `folder`.

    mode: of each file
    Interrupted at any point, the old folder or the new one is complete. `finish_replacing`, or the next call, then
    puts the complete one at `folder` and removes the rest.
    """
    part, old = _beside(folder)
    finish_replacing(folder)
    try:
        _fill(part, files, mode)
        if folder.exists():
            os.rename(folder, old)
        os.rename(part, folder)
        _sync_folder(folder.parent)
    finally:
        finish_replacing(folder)


def content_of(folder: Path) -> dict[str, bytes]:
    """The files below a folder, as `replace_folder` takes them."""
    paths = [Path(place, name) for place, _, names in os.walk(folder) for name in names]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def in_each(folder: Path, name: str) -> list[Path]:
    """The paths FOLDER/*/NAME that exist, in order. `glob` finds the same, and takes many times as long."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        places = sorted(entry.name for entry in entries)
        return [Path(folder, place, name) for place in places if os.path.exists(f"{folder}/{place}/{name}")]
    return []


def finish_replacing(folder: Path) -> None:
    """Tidy up after an interrupted `replace_folder`: the complete folder stays, and everything beside it goes."""
    part, old = _beside(folder)
    if os.path.lexists(part):
        shutil.rmtree(part, ignore_errors=True)
    if os.path.exists(old):  # it is complete as long as it has this name, so it loses the name before its files
        os.rename(old, part if folder.exists() else folder)
        _sync_folder(folder.parent)
        shutil.rmtree(part, ignore_errors=True)


def _beside(folder: Path) -> tuple[Path, Path]:
    """Where an incomplete folder lies, and where the complete old one lies, while `folder` is replaced."""
    return folder.with_name(f".{folder.name}.part"), folder.with_name(f".{folder.name}.old")


def _fill(folder: Path, files: dict[str, bytes], mode: int) -> None:
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_through(path, content, mode)
    for inner in (folder, *folder.rglob("*/")):
        _sync_folder(inner)


def _mode_at(path: Path, private: bool) -> int | None:
    """The mode of the file at `path`, which its owner can write; None where none lies."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode) | 0o600
        return mode & ~OTHERS if private else mode
    return None


def _write_through(path: Path, content: bytes, mode: int | None = None, private: bool = False) -> None:
    """Write a file, and wait until the disk has it. It has its mode before it has content."""
    first = 0o666 if mode is None and not private else 0o666 & ~OTHERS
    with open(path, "wb", opener=lambda name, flags: os.open(name, flags, first)) as file:
        if mode is not None:
            os.chmod(path, mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's list of names."""
    if _is_windows():  # it opens no folders, and writes their lists of names on its own
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems can't do it
            raise
    finally:
        os.close(handle)


def _is_windows() -> bool:
    return os.name == "nt"


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock the file `path`, which stays as it is. Raises BlockingIOError where another process has locked it.

    The system takes the lock away when the process ends, however that is. Where a file system has no locks, all get in.
    """
    with open(path, "rb") as file:
        try:
            _lock(file.fileno())
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EACCES):
                raise BlockingIOError(error.errno, "in use", str(path)) from None
        yield


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        os.lseek(handle, 1 << 30, os.SEEK_SET)  # nobody else may read what is locked, so that is behind the end
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def keep(path: Path, backup: Path) -> Path:
    """Copy `path` to `backup`, or to the next free name after it. Returns the copy's path."""
    content, number = path.read_bytes(), 1
    free = backup
    while True:
        try:
            free.touch(exist_ok=False)
            break
        except FileExistsError:
            number += 1
            free = backup.with_name(f"{backup.stem}-{number}{backup.suffix}")
    try:
        write(free, content, stat.S_IMODE(path.stat().st_mode) | 0o600)
    except BaseException:
        free.unlink(missing_ok=True)
        raise
    return free


def backup_name(path: Path) -> Path:
    """Where a backup of `path` belongs: beside the file, with the time in its name. `tito restore` finds it there."""
    return path.with_name(f"{path.stem}{BACKUP}{stamp()}{path.suffix}")


def stamp(now: datetime | None = None) -> str:
    """A time as part of a file name."""
    return f"{now or datetime.now():%Y%m%d-%H%M%S}"
