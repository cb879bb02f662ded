"""How a command ends: its exit code, and one line where something stopped it.

0    all is well
1    something was not as it should be: a check failed, a submission was not graded
2    wrong use: the person at the keyboard can mend it
3    tito failed, or something it needs: the disk is full, a database is gone, tito has a bug
130  interrupted by Ctrl-C
"""

import errno
import os
import platform
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from io import BufferedWriter, FileIO, TextIOWrapper
from pathlib import Path
from typing import TextIO

from tito import __version__, files
from tito.console import complain
from tito.environment import activate_line, what_helps
from tito.extensions import extensions
from tito.workspace import UserError, Workspace

READER_GONE = (errno.EPIPE, errno.EINVAL) if os.name == "nt" else (errno.EPIPE,)
OWN = ("tito", "autograder", "tinytorch", "tinytorch_ref")  # where one of these lacks, something is wrong with tito
OPEN_ON_WINDOWS = (5, 32)  # access denied, sharing violation: what Windows says of a file that is open


def exit_code(command: Callable[[], int]) -> int:
    """The exit code of `command()`. Whatever stops it is said in one line on standard error."""
    sys.stdout, sys.stderr = _output(sys.stdout), _output(sys.stderr)
    return _flushed(_attempt(command))


def _output(stream: TextIO) -> TextIO:
    """`stream` as all commands use it: what it can't show, or nobody reads, stops no command in the middle of its work.

    A letter that can't be shown becomes a question mark.
    """
    if not isinstance(stream, TextIOWrapper):  # a shell closed it, or a test looks at it
        return stream
    stream.reconfigure(errors="replace")
    if stream not in (sys.__stdout__, sys.__stderr__) or stream.isatty():
        return stream
    stream.flush()
    pipe = BufferedWriter(_Pipe(stream.fileno(), "w", closefd=False))
    return TextIOWrapper(pipe, stream.encoding, "replace", None, stream.line_buffering, stream.write_through)


class _Pipe(FileIO):
    """An output that goes nowhere when its reader has gone, as in `tito reset --module setup | head -1`."""

    def write(self, data, /) -> int:
        """Write to the pipe, or to nowhere."""
        try:
            return super().write(data)
        except OSError as error:
            if error.errno not in READER_GONE:
                raise
            return len(data)


def _attempt(command: Callable[[], int]) -> int:
    from typer._click.exceptions import ClickException  # typer has no public name for it

    try:
        return command()
    except UserError as error:
        complain(str(error))
        return error.code
    except ClickException as error:  # how typer says that a command was called in a wrong way
        error.show()
        _show_how_modules_are_named(error)
        return 2
    except KeyboardInterrupt as stopped:  # a command may have said what is kept
        complain(str(stopped) or "interrupted; nothing that was finished is lost")
        return 130
    except ModuleNotFoundError as error:
        return _not_installed(error)
    except Exception as error:
        return _failed(error)


def _not_installed(error: ModuleNotFoundError) -> int:
    """Say that this Python is not the course's, as where `uvx` made a course and its environment is not active."""
    name = (error.name or "").partition(".")[0]
    if name in ("", *OWN):
        return _failed(error)
    helps = "Go to the course's folder first"
    with suppress(UserError):
        here = Workspace.find()
        helps = f"make setup && {activate_line()}" if here.instructor else what_helps(here.root)
    complain(f"{sys.executable} lacks {name}, so it is not this course's Python. {helps}")
    return 2


def _show_how_modules_are_named(error) -> None:
    """Say it where somebody typed `tito test tensor`."""
    context = getattr(error, "ctx", None)
    options = [parameter.name for parameter in context.command.params] if context else []
    if context and "module" in options and "unexpected extra argument" in error.format_message():
        complain(f"a module's name goes like this: {context.command_path} --module tensor")


def _flushed(code: int) -> int:
    """`code`, once all output is written; 3 where it can't be. Python itself would complain later and differently."""
    if sys.stdout is None:  # a shell closed it: `tito info >&-`
        return code
    try:
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError):  # what is left goes nowhere
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if code == 0:
            return _failed(error)
    return code


def _failed(error: Exception) -> int:
    log = _write_log(error)
    details = f"Details: {log}" if log else "The details could not be written anywhere."
    complain(f"{' '.join(_explain(error).split())}. {details}")
    return 3


def _explain(error: Exception) -> str:
    """What to say of an exception; the details are in the log."""
    with suppress(Exception):  # a second failure must not hide the first
        for explain in extensions("failures"):
            if known := explain(error):
                return known
    if getattr(error, "winerror", None) in OPEN_ON_WINDOWS and isinstance(error, OSError):
        return f"{error.filename} can't be replaced: {error.strerror}. Close it in other programs, then try again"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    return f"tito has a bug, please report it: {type(error).__name__}: {str(error)[:200]}"


def _write_log(error: Exception) -> Path | None:
    """Write the traceback into the workspace, or where temporary files go. Returns the path, None without one."""
    now = datetime.now().astimezone()
    head = f"{now.isoformat()}, tito {__version__}, Python {platform.python_version()}, {platform.platform()}"
    lines = traceback.format_exception(error)
    content = "\n".join([head, f"In {Path.cwd()}: {' '.join(sys.argv)}", "", *lines]).encode(errors="replace")
    for folder in _log_folders():
        path = folder / f"{files.stamp(now)}-{os.getpid()}.log"
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            return path
    return None


def _log_folders() -> list[Path]:
    folders = []
    with suppress(UserError, OSError):
        folders.append(Workspace.find().root / ".tito" / "logs")
    import tempfile

    with suppress(OSError):
        folders.append(Path(tempfile.gettempdir()) / "tito-logs")
    return folders
