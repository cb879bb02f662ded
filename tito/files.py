"""Writing files so that an interruption, a full disk or a second run loses nothing."""

import os
from datetime import datetime
from itertools import count
from pathlib import Path


def write(path: Path, content: str | bytes) -> None:
    """Put `content` at `path` all at once: readers see the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        os.replace(part, path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        part.unlink(missing_ok=True)


def keep(path: Path, backup: Path) -> Path:
    """Copy `path` to `backup`, or to the next free name after it. Returns the copy's path."""
    content = path.read_bytes()
    for number in count(1):
        free = backup if number == 1 else backup.with_name(f"{backup.stem}-{number}{backup.suffix}")
        try:
            with open(free, "xb") as file:
                file.write(content)
        except FileExistsError:
            continue
        return free


def stamp(now: datetime | None = None) -> str:
    """A time as part of a file name."""
    return f"{now or datetime.now():%Y%m%d-%H%M%S}"
