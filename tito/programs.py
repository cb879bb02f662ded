"""Calling other programs: in English, in UTF-8 and with a time limit, whatever the settings of this machine are.

No other file of tito imports subprocess.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired

from tito.workspace import ToolFailed, UserError

PUT_OFF = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, a machine that is shut down, a terminal that is closed
GIT_SECONDS = 600  # git may fetch a whole course through a slow line
OF_A_HOOK = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")
PYTHON = {"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8"}  # Python's own settings for UTF-8 everywhere


@dataclass(frozen=True)
class Answer:
    """What a program said, and its exit code.

    raw: the bytes that it wrote to its standard output
    err: the text that it wrote to its standard error
    """

    code: int
    raw: bytes
    err: str

    @property
    def out(self) -> str:
        """The standard output as text, without white space around it."""
        return decode(self.raw).strip()

    @property
    def reason(self) -> str:
        """Why the program failed: what it said, or its exit code."""
        return self.err.strip() or self.out or f"exit code {self.code}"

    @property
    def names(self) -> list[str]:
        """The file names that git wrote with the option -z."""
        return [os.fsdecode(name) for name in self.raw.split(b"\0") if name]


def decode(raw: bytes) -> str:
    """Text from what a program wrote. Bytes that are not UTF-8 become question marks."""
    return raw.decode("utf-8", errors="replace")


def call(command: Sequence[str], folder: Path, seconds: float, environment: dict[str, str] | None = None) -> Answer:
    """Run `command` in `folder`, and wait for its end.

    environment: variables to set beside those of this process, which may be a hook of git's: what such a hook knows
        of its own repository is not about `folder`
    Raises FileNotFoundError where there is no such program, TimeoutExpired after `seconds`, UserError where the locale
    has no way to say a letter of the command.
    """
    own = {name: value for name, value in os.environ.items() if name not in OF_A_HOOK}
    variables = {**own, **(environment or {})}
    try:
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, timeout=seconds)
    except UnicodeEncodeError as error:
        letter = error.object[error.start : error.end]
        raise UserError(f"The locale has no letter {letter!a}. First: export PYTHONUTF8=1") from None
    return Answer(done.returncode, done.stdout, decode(done.stderr))


def git(folder: Path, *arguments: str, may_fail: bool = False, environment: dict[str, str] | None = None) -> Answer:
    """Run git in `folder`. Its exit code and its plumbing say what happened; its sentences are for people only.

    Raises UserError where git is missing, and ToolFailed where it takes too long or, unless it `may_fail`, fails.
    """
    english = {"LC_ALL": "C", **PYTHON, **(environment or {})}  # PYTHON is for tito itself, as git's merge driver
    try:
        answer = call(["git", *arguments], folder, GIT_SECONDS, english)
    except FileNotFoundError:
        raise UserError("git is not installed. Install it first: https://git-scm.com/downloads") from None
    except TimeoutExpired:
        raise ToolFailed(f"git took longer than {GIT_SECONDS} s: git {' '.join(arguments)}") from None
    if answer.code and not may_fail:
        raise ToolFailed(f"git failed: git {' '.join(arguments)}\n{answer.reason}")
    return answer


def unreachable(folder: Path, said: str, *remote: str) -> UserError:
    """What to raise where git could not get something. `said`: its message.

    remote: from where: a URL, or a name that git knows in `folder`; by default from where `folder` gets its updates
    A ToolFailed where that place answers: then its name is right, and so is the way to it.
    """
    silent = {"GIT_TERMINAL_PROMPT": "0"}  # who was asked for a password is not asked for it again
    answers = git(folder, "ls-remote", "--quiet", *remote, may_fail=True, environment=silent).code == 0
    return ToolFailed(said) if answers else UserError(said)


def unmergeable(folder: Path, version: str, said: str) -> UserError:
    """What to raise where git could not merge `version` into what is checked out in `folder`. `said`: its message.

    A ToolFailed, unless a file of one's own lies where `version` brings one.
    """
    new = git(folder, "diff", "--name-only", "-z", "--diff-filter=A", f"HEAD...{version}", may_fail=True).names
    in_the_way = any(os.path.lexists(folder / name) for name in new)
    return UserError(said) if in_the_way else ToolFailed(said)


@contextmanager
def undisturbed() -> Iterator[None]:
    """For what must not end halfway: a signal to stop this process, or a program that it calls, waits for the end.

    Windows can't put signals off.
    """
    if os.name == "nt":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {getattr(signal, name) for name in PUT_OFF})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def python(folder: Path, *arguments: str, seconds: float, environment: dict[str, str] | None = None) -> Answer:
    """Run this Python in `folder`, in UTF-8 mode. Raises TimeoutExpired after `seconds`."""
    return call([sys.executable, *arguments], folder, seconds, {**PYTHON, **(environment or {})})


def python_path(first: Path) -> str:
    """A value for PYTHONPATH: `first`, then what stands there now."""
    return os.pathsep.join(filter(None, [str(first), os.environ.get("PYTHONPATH")]))
