"""Where a command puts what somebody asked for: a file or a folder that they named, or a pipe or a device."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tito import files
from tito.console import messages, say
from tito.workspace import UserError

STREAMS = {  # what a shell calls this process's own outputs; they may be files, which are not to be replaced
    f"{folder}{name}": stream
    for stream, number in (("stdout", "1"), ("stderr", "2"))
    for folder, name in (("/dev/", stream), ("/dev/fd/", number), ("/proc/self/fd/", number))
}


def file_at(named: Path) -> Path:
    """The whole path of a file that is to be written. Raises UserError where none can be; folders on the way are made.

    To be called before any work is done, and while the current folder is the user's.
    """
    if is_stream(named):
        open_to_us = getattr(sys, STREAMS[str(named)]) if str(named) in STREAMS else os.access(named, os.W_OK)
        if not open_to_us:
            raise UserError(f"{named} can't be written. Name another file.")
        return named.absolute()
    if os.path.isdir(named):
        raise UserError(f"{named} is a folder. Name a file: {named / 'NAME'}")
    _refuse_way(named, named.resolve().parent, "file")
    return named.resolve()


def folder_at(named: Path) -> Path:
    """The whole path of a folder for files. It may be missing. Raises UserError where it can't hold any."""
    _refuse_way(named, named.resolve(), "folder")
    return named.resolve()


def _refuse_way(named, folder, what):
    """Raise UserError unless files can be made in `folder`, or this folder can be made."""
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not os.path.isdir(there):
        raise UserError(f"{named} can't be written: {there} is not a folder. Name another {what}.")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UserError(f"{named} can't be written: you may not write in {there}. Name another {what}.")


def is_stream(path: Path) -> bool:
    """Whether what is written to `path` goes on to somebody: /dev/stdout, a pipe, a device."""
    return str(path) in STREAMS or (os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path))


def put(path: Path, content: str | bytes, private: bool = False) -> None:
    """Write to a path of `file_at`. Whoever reads a pipe may leave early."""
    raw = content.encode() if isinstance(content, str) else content
    if not is_stream(path):
        files.write(path, raw, private=private)
    elif str(path) in STREAMS:
        output = getattr(sys, STREAMS[str(path)])
        output.flush()
        output.buffer.write(raw)
        output.flush()
    else:
        with suppress(BrokenPipeError), open(path, "wb") as taker:
            taker.write(raw)


def teller(path: Path) -> Callable[[object], None]:
    """What prints the words about a file: `say`; on standard error where the file itself goes to standard output."""
    return messages().print if STREAMS.get(str(path)) == "stdout" else say
