"""Grade the same submissions both ways, in two processes, and compare the scores of every graded cell."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from multiprocessing import get_context
from pathlib import Path

from autograder.intake.submitted import adopt, refuse_unreadable
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.source import Source
from autograder.judging.step import run_and_judge, submitted_files
from autograder.otter import gradescope
from autograder.otter.build import autograder_zip
from tito.notebooks import is_check, read
from tito.workspace import UserError

# Only code that reaches for the grader has these words. The two graders need not treat such a submission alike.
REACHES = re.compile(
    r"ast_transformers|input_transformers|display_pub|sys\.modules|_getframe|os\.fork|os\.kill|checks\._|/proc\b"
    r"|\b(?:import|from) (?:otter|autograder|ctypes|gc)\b"
)


@dataclass(frozen=True)
class Compared:
    """One submission, graded both ways.

    nbgrader, otter: grade_id → score; None where the submission can't be graded
    hostile: the words with which it reaches for the grader; "" without any
    seconds: the time that otter took
    said: what otter's run said about the whole submission
    """

    module: str
    student: str
    nbgrader: dict[str, float] | None
    otter: dict[str, float] | None
    hostile: str = ""
    seconds: float = 0.0
    said: str = ""

    @cached_property
    def differences(self) -> dict[str, tuple[float, float]]:
        """grade_id → both scores, for the cells whose scores differ."""
        one, other = self.nbgrader or {}, self.otter or {}
        pairs = {name: (one.get(name, 0.0), other.get(name, 0.0)) for name in {**one, **other}}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def equal(self) -> bool:
        """Whether both graders gave the same scores."""
        return not self.differences and (self.nbgrader is None) == (self.otter is None)

    @property
    def wrong(self) -> bool:
        """Whether the graders differ for no known reason."""
        return not self.equal and not self.hostile

    def to_dict(self) -> dict:
        """All of it as plain data."""
        return asdict(self) | {"differences": self.differences, "equal": self.equal}


Graders = Callable[[Source, int, str, Path], Future]


@contextmanager
def workers(jobs: int | None = None) -> Iterator[ProcessPoolExecutor]:
    """Processes for otter's runs, one run at a time in each, because otter changes the current folder."""
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield pool


@contextmanager
def graders(pool: ProcessPoolExecutor, jobs: int | None = None) -> Iterator[Graders]:
    """A function (source, seed, student, folder) → future Compared, which has a student's folder graded both ways."""
    with tempfile.TemporaryDirectory() as home, ThreadPoolExecutor(jobs or os.cpu_count()) as threads:

        def grade(source: Source, seed: int, student: str, folder: Path) -> Future:
            autograder = Path(home) / f"{source.module}-{source.version}-{seed}.zip"
            if not autograder.exists():
                autograder.write_bytes(autograder_zip(source, seed, expected(source, seed)))
            return threads.submit(_both, source, seed, student, folder, autograder, pool)

        yield grade


def _both(source: Source, seed: int, student: str, folder: Path, autograder: Path, pool) -> Compared:
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copytree(folder, Path(scratch) / "submission", symlinks=True)
        one, hostile = _by_nbgrader(Path(scratch) / "submission", source, seed)
        started = time.monotonic()
        results = pool.submit(gradescope.grade_as_gradescope, autograder, folder, Path(scratch) / "autograder").result()
        other = None if _not_graded(results) else gradescope.scores(results)
        return Compared(
            source.module, student, one, other, hostile, time.monotonic() - started, results.get("output", "")
        )


def _by_nbgrader(folder: Path, source: Source, seed: int) -> tuple[dict[str, float] | None, str]:
    """The scores that nbgrader's execute step gives, and the words with which the submission reaches for the grader."""
    try:
        refuse_unreadable(folder)
        adopt(source, folder)
        notebook, _ = mend(read(folder / source.path.name), source)
    except UserError:
        return None, ""
    _, judged = run_and_judge(notebook, source, seed, submitted_files(folder, source))
    return {verdict.grade_id: verdict.earned for verdict in judged}, reaches(notebook)


def _not_graded(results: dict) -> bool:
    return results.get("output", "").startswith(gradescope.NOT_GRADED)


def reaches(notebook) -> str:
    """The first of a student's words that reach for the grader; "" if there are none."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "code" and not is_check(cell))
    found = filter(None, map(REACHES.search, texts))
    return next((match[0] for match in found), "")
