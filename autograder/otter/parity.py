"""The same submissions graded both ways: two processes, two runs, and what each says of every graded cell."""

import contextlib
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

from autograder import record
from autograder.execute import Run
from autograder.grade import expected, refuse_if_changed, run_once, submitted_files
from autograder.judge import verdicts
from autograder.otter import gradescope
from autograder.otter.build import autograder_zip
from autograder.otter.kernel import ENVIRONMENT
from autograder.sanitize import adopt_renamed, refuse_links, restore
from autograder.source import Source
from tito.notebooks import is_check, read
from tito.workspace import UserError

# Words of code that reaches for the grader: otter's and nbgrader's processes need not treat such a submission alike.
REACHES = {
    "ast_transformers",
    "autograder",
    "ctypes",
    "display_pub",
    "events",
    "fork",
    "gc",
    "input_transformers_cleanup",
    "modules",
    "otter",
    "proc",
    "publish_display_data",
    "settrace",
    "setprofile",
}


@dataclass(frozen=True)
class Row:
    """One submission: grade_id → score, as each grader sees it (None: it can't be graded)."""

    module: str
    student: str
    nbgrader: dict[str, float] | None
    otter: dict[str, float] | None
    hostile: str = ""
    seconds: float = 0.0  # that otter took

    @cached_property
    def differences(self) -> dict[str, tuple[float, float]]:
        one, other = self.nbgrader or {}, self.otter or {}
        pairs = {name: (one.get(name, 0.0), other.get(name, 0.0)) for name in {**one, **other}}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def equal(self) -> bool:
        return not self.differences and (self.nbgrader is None) == (self.otter is None)

    @property
    def wrong(self) -> bool:
        return not self.equal and not self.hostile

    def to_dict(self) -> dict:
        return asdict(self) | {"differences": self.differences, "equal": self.equal}


def compare(source: Source, db_url: str, submissions: dict[str, Path], jobs: int | None = None) -> list[Row]:
    """Grade the folders of `submissions` (student → folder) both ways."""
    refuse_if_changed(source, db_url)
    with both(source, record.seed(db_url, source.module, source.version), jobs) as graded:
        waiting = [graded(student, folder) for student, folder in submissions.items()]
        return [future.result() for future in waiting]


@contextmanager
def both(source: Source, seed: int, jobs: int | None = None) -> Iterator[Callable[[str, Path], Future]]:
    """A function that grades a student's folder both ways, some time soon: several run at once."""
    jobs = jobs or os.cpu_count() or 1
    wanted = expected(source, seed)
    context = get_context("spawn")  # a worker is a process, and grades one at a time: otter changes the current folder
    with (
        tempfile.TemporaryDirectory() as home,
        contextlib.chdir(source.workspace.root),  # where nbgrader's hooks look for the course
        ProcessPoolExecutor(jobs, context, _set_environment) as workers,
        ThreadPoolExecutor(jobs) as pool,
    ):
        autograder = Path(home) / "autograder.zip"
        autograder.write_bytes(autograder_zip(source, seed, wanted))

        def grade(student: str, folder: Path) -> Row:
            with tempfile.TemporaryDirectory() as scratch:
                shutil.copytree(folder, Path(scratch) / "submission", symlinks=True)
                one, hostile = _by_nbgrader(Path(scratch) / "submission", source, seed, wanted)
                started = time.monotonic()
                other = workers.submit(_by_otter, autograder, folder, Path(scratch) / "autograder").result()
                return Row(source.module, student, one, other, hostile, time.monotonic() - started)

        yield lambda student, folder: pool.submit(grade, student, folder)


def _set_environment() -> None:
    os.environ |= ENVIRONMENT


def _by_nbgrader(folder: Path, source: Source, seed: int, wanted: Run) -> tuple[dict[str, float] | None, str]:
    """What nbgrader's execute step decides, and what of the submission reaches for the grader."""
    try:
        refuse_links(folder)
        adopt_renamed(source.module, "", [str(path) for path in sorted(folder.glob("*.ipynb"))])
        notebook, _ = restore(read(folder / source.path.name), source)
    except UserError:
        return None, ""
    run = run_once(notebook, source, seed, submitted_files(folder, source))
    judged = verdicts(source, wanted.emissions, run.emissions, run.problems)
    return {verdict.grade_id: verdict.earned for verdict in judged}, reaches(notebook)


def _by_otter(autograder: Path, folder: Path, root: Path) -> dict[str, float] | None:
    results = gradescope.grade(autograder, folder, root)
    return None if results.get("output", "").startswith(gradescope.NOT_GRADED) else gradescope.scores(results)


def reaches(notebook) -> str:
    """The first of a student's words that reaches for the grader, "" if there is none."""
    for cell in notebook.cells:
        if cell.cell_type == "code" and not is_check(cell):
            found = sorted(_words(cell.source) & REACHES)
            if found:
                return found[0]
    return ""


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))
