"""What versions share runs once: the source's own cells, up to the first in which a version differs.

A trunk is a process of the engine like any other. It runs those cells, and then one more, which forks it: the child
runs what is left of a version, while its parent waits for its end, and then puts the files back. To the engine both are
one process, with the limits of a submission. It is not shut in: Landlock would hide a fork's own /proc/self from it.
"""

import contextlib
import os
import signal
import tempfile
import time
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.engine.clock import Clock, family, innermost
from autograder.engine.execute import Job, Replacing, Run, _process_of, _run_from, keep_all
from autograder.engine.process import Process, _parsed, home

SECONDS = 60  # a cell of the source's, and a fork, take less
ENDED = "the version has ended"
FORK = f"""
import gc, os, shutil
from IPython import get_ipython

def contents():
    found = {{}}
    for folder, _, names in os.walk("."):
        found[folder] = None
        for name in names:
            with open(os.path.join(folder, name), "rb") as file:
                found[file.name] = file.read()
    return found

def put_back(files):
    for entry in os.scandir():
        shutil.rmtree(entry) if entry.is_dir() else os.unlink(entry)
    for path, content in files.items():
        if content is None:
            os.makedirs(path, exist_ok=True)
        else:
            with open(path, "wb") as file:
                file.write(content)

before = contents()
gc.freeze()
version = os.fork()
if version:
    os.waitpid(version, 0)
    if contents() != before:
        put_back(before)
    get_ipython().display_pub.messages.append({ENDED!r})
"""
HALT, END = f"exec({FORK!r}, {{}})", "__import__('os')._exit(0)"


@dataclass
class Branch:
    """The process that is forked from a trunk. lost: whether the trunk can't be used again."""

    process: Process
    ended: bool = False
    lost: bool = False

    def __post_init__(self):
        self.had = self.process.had

    def run(self, text: str, seconds: float) -> tuple[list, str | None, str | None]:
        messages, raised, fatal = self.process.run(text, seconds)
        if messages == [ENDED]:
            messages, raised, fatal = [], None, "ended the Python process"
            self.ended = True
        elif fatal and fatal.startswith("took longer"):
            self.ended = self._is_killed()
        self.lost = bool(fatal) and not self.ended
        return messages, raised, fatal

    def end(self) -> bool:
        """Whether it has ended, and the trunk goes on."""
        return not self.lost and (self.ended or self.process.run(END, SECONDS)[0] == [ENDED])

    def _is_killed(self) -> bool:
        """Whether it could be killed: then its parent answers what the version was asked."""
        with contextlib.suppress(OSError, EOFError, ValueError, KeyError, TypeError, RecursionError):
            for pid in family(self.process.worker):
                os.kill(pid, signal.SIGKILL)
            return _parsed(self.process._receive(Clock(None, SECONDS)))[0] == [ENDED]
        return False


@dataclass
class Trunk:
    """Runs jobs that begin with cells of `own`, the job of the source itself."""

    own: Job
    open: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    process: Process | None = None
    ran: int = 0

    def __post_init__(self):
        self.own = replace(self.own, isolated=False)
        self.cells = [cell for cell in self.own.cells if not cell[1]]
        weakref.finalize(self, self.open.close).atexit = False  # with the process that it is forked from it ends anyway

    def execute(self, job: Job, replacing: Replacing = keep_all) -> Run:
        """What the engine's `execute` returns, without `seconds`."""
        common = [one == other for one, other in zip(self.cells, job.cells, strict=False)]
        shared = [*common, False].index(False)
        rest = replace(job, cells=job.cells[shared:])
        run, cells, offenders = Run(), list(rest.cells), set()
        start, left = 0, float(job.limits.notebook_seconds)
        while start is not None:
            with self._branch(shared) as branch:
                start = _run_from(start, cells, rest, offenders, branch, run, left, replacing)
                left -= branch.had()
        run.fatal = [shared + position for position in run.fatal]
        return run

    @contextlib.contextmanager
    def _branch(self, cells: int) -> Iterator[Branch]:
        with contextlib.ExitStack() as unless_it_ends_well:
            unless_it_ends_well.callback(self._fell)
            process = self._grow(cells)
            trunk, halted = process.worker, process.run(HALT, SECONDS)
            assert halted == ([], None, None), halted
            process.worker, process.begun, process.waited = innermost(trunk), time.monotonic(), 0.0
            branch = Branch(process)
            yield branch
            if branch.end():
                process.worker = trunk
                unless_it_ends_well.pop_all()

    def _grow(self, cells: int) -> Process:
        if self.ran > cells or not self.process:
            self._fell()
            scratch = self.open.enter_context(tempfile.TemporaryDirectory(prefix="tinytorch-", dir=home()))
            self.process = self.open.enter_context(_process_of(self.own, Path(scratch)))
        for _, _, text in self.cells[self.ran : cells]:
            *_, fatal = self.process.run(text, SECONDS)
            assert not fatal, fatal
        self.ran = cells
        return self.process

    def _fell(self) -> None:
        self.open.close()
        self.process, self.ran = None, 0
