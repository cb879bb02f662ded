"""Calling other programs: in English, in UTF-8 and with a time limit, whatever the settings of this machine are.

No other file of tito imports subprocess.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired

from tito.workspace import UserError

GIT_SECONDS = 600  # git may fetch a whole course through a slow line
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
    def names(self) -> list[str]:
        """The file names that git wrote with the option -z."""
        return [os.fsdecode(name) for name in self.raw.split(b"\0") if name]


def decode(raw: bytes) -> str:
    """Text from what a program wrote. Bytes that are not UTF-8 become question marks."""
    return raw.decode("utf-8", errors="replace")


def call(command: Sequence[str], folder: Path, seconds: float, environment: dict[str, str] | None = None) -> Answer:
    """Run `command` in `folder`, and wait for its end.

    environment: variables to set beside those of this process
    Raises FileNotFoundError where there is no such program, TimeoutExpired after `seconds`.
    """
    variables = {**os.environ, **(environment or {})}
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, timeout=seconds)
    return Answer(done.returncode, done.stdout, decode(done.stderr))


def git(folder: Path, *arguments: str, may_fail: bool = False, environment: dict[str, str] | None = None) -> Answer:
    """Run git in `folder`. Its exit code and its plumbing say what happened; its sentences are for people only.

    Raises UserError where git is missing or takes too long, and, unless it `may_fail`, where git fails.
    """
    english = {"LC_ALL": "C", **PYTHON, **(environment or {})}  # PYTHON is for tito itself, as git's merge driver
    try:
        answer = call(["git", *arguments], folder, GIT_SECONDS, english)
    except FileNotFoundError:
        raise UserError("git is not installed. Install it first: https://git-scm.com/downloads") from None
    except TimeoutExpired:
        raise UserError(f"git took longer than {GIT_SECONDS} s: git {' '.join(arguments)}") from None
    if answer.code and not may_fail:
        reason = answer.err.strip() or answer.out or f"exit code {answer.code}"
        raise UserError(f"git failed: git {' '.join(arguments)}\n{reason}")
    return answer


def python(folder: Path, *arguments: str, seconds: float, environment: dict[str, str] | None = None) -> Answer:
    """Run this Python in `folder`, in UTF-8 mode. Raises TimeoutExpired after `seconds`."""
    return call([sys.executable, *arguments], folder, seconds, {**PYTHON, **(environment or {})})


def python_path(first: Path) -> str:
    """A value for PYTHONPATH: `first`, then what stands there now."""
    return os.pathsep.join(filter(None, [str(first), os.environ.get("PYTHONPATH")]))
