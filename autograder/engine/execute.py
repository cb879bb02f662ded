"""Run a notebook in a process of its own, and collect what its checks report.

Nothing that comes back is trusted: a submission can write anything into its messages. Verdicts are
made in judge.py, from plain data.
"""

import functools
import gzip
import importlib.util
import json
import py_compile
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from autograder.engine.process import Died, Unsafe, home, stop
from tito import checks
from tito.console import complain
from tito.limits import Limits

__all__ = ["Job", "Run", "Unsafe", "execute", "laid_over", "stop"]

STUDENTS_CELL = "a cell of the student"  # what a note calls a cell without a name
ATTEMPTS = 5  # the kernel may kill processes that no submission can reach


@dataclass(frozen=True)
class Job:
    """Everything that a run depends on."""

    cells: tuple[tuple[str | None, bool, str], ...]  # (grade_id, whether it is a check, text) of the code cells
    files: dict[str, bytes]  # what lies beside the notebook
    package: dict[str, bytes]  # the files of the course that it can import
    seed: int
    limits: Limits
    libraries: tuple[str, ...] = ()  # modules to import before the fork, to save time
    isolated: bool = True  # whether it must be shut in: if it can't be, it does not run
    kernel: bool = False  # whether it runs in a real IPython kernel: slower, with the same result


def laid_over(files: dict[str, bytes], given: dict[str, bytes]) -> dict[str, bytes]:
    """`files` with `given` laid over them. A file gives way if `given` needs a folder of its name, or the reverse."""
    kept = {
        name: content
        for name, content in files.items()
        if not any(name.startswith(f"{other}/") or other.startswith(f"{name}/") for other in given)
    }
    return {**kept, **given}


@dataclass
class Run:
    """The results of a job: the messages of the check cells, and what went wrong where."""

    emissions: dict[str, list] = field(default_factory=dict)  # grade_id → messages
    problems: dict[str, str] = field(default_factory=dict)  # grade_id → why its cell did not end well
    notes: list[str] = field(default_factory=list)
    fatal: list[int] = field(default_factory=list)  # positions of the cells that ran out of time, or ended Python
    replaced: list[str] = field(default_factory=list)  # checks in whose place other texts stood
    seconds: float = 0.0  # that the notebook had, whatever else the machine did
    conditions: dict = field(default_factory=dict)  # seed and versions; whoever judges the run notes them
    worded: "Run | None" = None  # of the same submission, for a page's words
    followed: "Run | None" = None  # of the same submission, with the course's answers in place of wrong ones

    def packed(self) -> bytes:
        """The run as the content of a file, for `unpacked`. The same run gives the same bytes."""
        return gzip.compress(json.dumps(asdict(self)).encode(), 1, mtime=0)

    @classmethod
    def unpacked(cls, content: bytes) -> "Run":
        """The run that `packed` wrote, now or in an older form. Raises ValueError if the content is damaged."""
        try:
            return cls._of(json.loads(gzip.decompress(content)))
        except (OSError, EOFError, zlib.error, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(f"damaged ({type(error).__name__}: {error})") from None

    @classmethod
    def _of(cls, content: dict) -> "Run":
        parts = {name: cls._of(content[name]) for name in ("worded", "followed") if content.get(name)}
        return cls(**{**{name: value for name, value in content.items() if name != "seen"}, **parts})


Replacing = Callable[[str, Run], str | None]  # (a check that has just been run, the run so far) → a text in its place


def keep_all(name: str, run: Run) -> None:
    """A `Replacing` that replaces nothing."""


def execute(job: Job, replacing: Replacing = keep_all) -> Run:
    """Run every cell of `job` in a fresh process, in a folder of its own.

    A cell that takes too long, or that ends the process, costs only itself: a fresh process replays the
    cells before it, without checks and offenders, and goes on with the next. Raises Unsafe where a job that
    must be shut in can't be, and Died if processes die again and again that no submission can have ended.

    replacing: asked after each check. Where it gives a text, that text is run next, and stands in the check's place
        in every replay
    """
    for _ in range(ATTEMPTS - 1):
        try:
            return _execute(job, replacing)
        except Died as error:
            complain(f"{error} The submission is run again.")
    return _execute(job, replacing)


def _execute(job: Job, replacing: Replacing) -> Run:
    run, cells = Run(), list(job.cells)
    offenders: set[int] = set()
    start, left = 0, float(job.limits.notebook_seconds)
    while start is not None:
        with (
            tempfile.TemporaryDirectory(prefix="tinytorch-", dir=home(), ignore_cleanup_errors=True) as scratch,
            _process_of(job, Path(scratch)) as process,
        ):
            start = _run_from(start, cells, job, offenders, process, run, left, replacing)
            left -= process.had()
    run.seconds = job.limits.notebook_seconds - left
    return run


def _run_from(
    start: int, cells: list, job: Job, offenders: set[int], process, run: Run, left: float, replacing: Replacing
) -> int | None:
    """Run the cells from `start` on, after a replay of those before; the cell to restart at, None at the end.

    cells: of the job; a text that `replacing` gives takes its check's place there
    left: seconds that the notebook may still have
    """
    index = 0
    while index < len(cells):
        name, check, text = cells[index]
        if index in offenders or (index < start and check):
            index += 1
            continue
        still = left - process.had()
        if still <= 0:
            _out_of_time(job, cells[max(index, start) :], run)
            return None
        messages, raised, fatal = process.run(text, min(still, job.limits.cell_seconds))
        if index >= start:
            _collect(name, check, messages, raised, fatal, run)
        other = replacing(name, run) if check and name else None
        if other is not None:
            cells[index] = (None, False, other)
            run.replaced.append(name)
        elif fatal:
            offenders.add(index)
        if fatal:
            run.fatal.append(index)
            return max(start, index + (other is None))
        index += other is None
    return None


def _process_of(job: Job, scratch: Path):
    if job.kernel:
        from autograder.engine.kernel import (
            KernelProcess as Process,
        )  # imports zmq and jupyter_client, which takes time
    else:
        from autograder.engine.process import Process
    files = laid_over(job.files, {**job.package, **_compiled(frozenset(job.package.items()))})
    return Process(scratch, job.seed, job.limits, files, job.libraries, job.isolated)


@functools.lru_cache(maxsize=4)
def _compiled(package: frozenset[tuple[str, bytes]]) -> dict[str, bytes]:
    """What Python would write to `__pycache__`, so that submissions need not compile the course's files again."""
    found, unchecked = {}, py_compile.PycInvalidationMode.UNCHECKED_HASH
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "source.py"), Path(folder, "source.pyc")
        for name, content in package:
            source.write_bytes(content)
            py_compile.compile(str(source), str(target), dfile=name, invalidation_mode=unchecked, doraise=True)
            found[importlib.util.cache_from_source(name)] = target.read_bytes()
    return found


def _collect(name: str | None, check: bool, messages: list, raised: str | None, fatal: str | None, run: Run) -> None:
    if check and name:
        run.emissions[name] = messages
    problem = fatal or (f"stopped with {checks.builtin_name(raised)}" if raised else None)
    if problem and name:
        run.problems[name] = problem
    if fatal:
        run.notes.append(f"{name or STUDENTS_CELL}: {fatal}")


def _out_of_time(job: Job, cells: list, run: Run) -> None:
    run.notes.append(f"stopped after {job.limits.notebook_seconds} s, the limit of the whole notebook")
    for name, check, _ in cells:
        if check and name and name not in run.emissions:
            run.problems[name] = "was not reached in the time of the whole notebook"
