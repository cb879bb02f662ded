"""Where submissions are run and judged: in threads of this process, or on the workers of a Dask cluster.

The step is a pure function of bytes. Here it finds the module's source on the disk; a worker elsewhere gets it sent,
once, and lays it out in a folder of its own. A Dask scheduler gives the work of a dead worker to others.
"""

import functools
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.execute import Run
from autograder.grade import grade
from autograder.judge import Verdict
from autograder.source import Source
from tito.workspace import MANIFEST, UserError, Workspace


@dataclass(frozen=True)
class Options:
    """How submissions are run."""

    jobs: int | None = None
    scheduler: str | None = None
    isolated: bool = True
    kernel: bool = False


HERE = Options()  # on all cores of this machine


@contextmanager
def pool_of(options: Options, source: Source) -> Iterator["Threads | Cluster"]:
    with Cluster(options, source) if options.scheduler else Threads(options, source) as pool:
        yield pool


class Threads:
    """The cores of this machine: each submission is a process anyway."""

    def __init__(self, options: Options, source: Source):
        jobs = options.jobs or os.cpu_count() or 1
        self.source, self.options, self.ahead = source, options, jobs + 1
        self.executor = ThreadPoolExecutor(jobs)

    def __enter__(self) -> "Threads":
        return self

    def __exit__(self, *error) -> None:
        self.executor.shutdown(wait=not error[0], cancel_futures=True)

    def grade(self, notebook, files: dict[str, bytes], seed: int) -> Future:
        options = {"isolated": self.options.isolated, "kernel": self.options.kernel}
        return self.executor.submit(grade, notebook, self.source, seed, files, **options)

    def some_done(self, running) -> set[Future]:
        return wait(running, return_when=FIRST_COMPLETED).done if running else set()


class Cluster:
    """The workers of a Dask scheduler. They need this package, and no disk shared with this machine."""

    def __init__(self, options: Options, source: Source):
        try:
            from distributed import Client
        except ImportError:
            raise UserError("Dask is not installed: pip install 'tinytorch-course[cluster]'") from None
        try:
            self.client = Client(options.scheduler, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UserError(f"No Dask scheduler answers at {options.scheduler}: {error}") from None
        self.options = {"isolated": options.isolated, "kernel": options.kernel}
        self.ahead = 2 + 2 * sum(self.client.nthreads().values())
        self.source = self.client.scatter(packed(source), broadcast=True, hash=False)

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *error) -> None:
        self.client.close()

    def grade(self, notebook, files: dict[str, bytes], seed: int):
        text = nbformat.writes(notebook)
        return self.client.submit(grade_sent, self.source, text, files, seed, **self.options, retries=3, pure=False)

    def some_done(self, running) -> set:
        from distributed import wait

        with self.client.as_current():
            return wait(list(running), return_when="FIRST_COMPLETED").done if running else set()


def packed(source: Source) -> dict[str, bytes]:
    """All of the course that grading this module needs: path → content."""
    root = source.workspace.root
    places = [root / MANIFEST, *source.folder.rglob("*"), *source.workspace.package.rglob("*.py")]
    places += (root / ".cache" / "expected").glob(f"{source.module}-*")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in places if path.is_file()}


def grade_sent(
    course: dict[str, bytes], notebook: str, files: dict[str, bytes], seed: int, **options
) -> tuple[Run, list[Verdict]]:
    """As `grade`, on a machine that has nothing of the course but this package."""
    return grade(nbformat.reads(notebook, 4), _unpacked(frozenset(course.items())), seed, files, **options)


@functools.lru_cache(maxsize=2)
def _unpacked(course: frozenset[tuple[str, bytes]]) -> Source:
    folder = Path(tempfile.mkdtemp(prefix="tinytorch-course-"))
    for name, content in course:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (module,) = {Path(name).parts[1] for name, _ in course if name.startswith("source/")}
    return Source.of(Workspace(folder, instructor=True), module)
