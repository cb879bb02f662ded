"""Run and judge on machines that have this package but not the course: the course travels as bytes, once a module."""

import functools
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat

from autograder.engine.execute import Run
from autograder.engine.pool import Cluster, Options, Threads
from autograder.judging.judge import Verdict
from autograder.judging.source import Source
from autograder.judging.step import run_and_judge
from tito.workspace import MANIFEST, Workspace


@contextmanager
def judges(options: Options, source: Source) -> Iterator:
    """A pool, and a function (notebook, files, seed, last) → a future of what `run_and_judge` returns."""
    if options.scheduler:
        with Cluster(options.scheduler) as cluster:
            course = cluster.share(bundle_of(source))

            def submit_as_text(notebook, files: dict[str, bytes], seed: int, last: bool):
                text = nbformat.writes(notebook)
                return cluster.submit(run_and_judge_bundled, course, text, files, seed, last=last, **options.of_a_job)

            yield cluster, submit_as_text
    else:
        with Threads(options.jobs) as threads:

            def submit(notebook, files: dict[str, bytes], seed: int, last: bool):
                return threads.submit(run_and_judge, notebook, source, seed, files, last=last, **options.of_a_job)

            yield threads, submit


def bundle_of(source: Source) -> dict[str, bytes]:
    """The files of the course that grading this module needs: path → content."""
    root = source.workspace.root
    places = [root / MANIFEST, *source.folder.rglob("*"), *source.workspace.package.rglob("*.py")]
    places += (root / ".cache" / "expected").glob(f"{source.module}-*")
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in places if path.is_file()}


def run_and_judge_bundled(
    course: dict[str, bytes], notebook: str, files: dict[str, bytes], seed: int, **options
) -> tuple[Run, list[Verdict]]:
    """As `run_and_judge`, with the source from `course`, a bundle."""
    source = _unpacked(frozenset(course.items()))
    return run_and_judge(nbformat.reads(notebook, 4), source, seed, files, **options)


@functools.lru_cache(maxsize=2)
def _unpacked(course: frozenset[tuple[str, bytes]]) -> Source:
    folder = Path(tempfile.mkdtemp(prefix="tinytorch-course-"))
    for name, content in course:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    (module,) = {Path(name).parts[1] for name, _ in course if name.startswith("source/")}
    source = Source.of(Workspace(folder, instructor=True), module)
    weakref.finalize(source, shutil.rmtree, folder, ignore_errors=True)  # it holds the solutions
    return source
