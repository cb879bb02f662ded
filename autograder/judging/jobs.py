"""The part of a notebook that a grading run executes, as the engine's `Job`, and that job's key."""

import functools
import hashlib
import json
import platform
from dataclasses import asdict
from pathlib import Path

import numpy as np

from autograder.engine.execute import Job
from autograder.judging.source import HIDDEN, JUDGE, Source, inside, without
from tito import checks, uses
from tito.notebooks import grade_id, is_check

FORMAT = 2  # of the files in .cache. A new number makes all older files useless


def job_of(notebook, source: Source, seed: int, files: dict[str, bytes], hidden: bool = True) -> Job:
    """A job that runs the code cells of `notebook` next to `files`, without those that only explore.

    hidden: whether the process also gets the hidden parts of checks
    """
    cells = tuple(
        (grade_id(cell), is_check(cell), _check_text(cell, source, hidden) if is_check(cell) else cell.source)
        for cell in notebook.cells
        if cell.cell_type == "code" and source.exploration.get(cell.get("id")) != cell.source
    )
    return Job(cells, files, source.package_files, seed, source.limits, source.libraries)


def _check_text(cell, source: Source, hidden: bool) -> str:
    """The text that a check cell runs. The hidden part has its own namespace, so it can't shadow a student's names."""
    begin, visible = f"from tito import checks; checks.begin({grade_id(cell)!r})", without(cell.source, HIDDEN)
    secret = inside(without(cell.source, JUDGE), HIDDEN) if hidden else ""
    if not secret:
        return f"{begin}; checks.visible({visible!r})"
    run_hidden = f"checks.hidden({secret!r}, {source.given_names(secret)!r})"
    return f"{begin}\ntry: checks.visible({visible!r})\nfinally:\n    from tito import checks; {run_hidden}"


def key_of(job: Job, *more: str) -> str:
    """A key that changes when `more`, or anything that a run of `job` and its verdicts depend on, changes."""
    asked = [job.cells, job.seed, asdict(job.limits), job.kernel, more, list(conditions().values())]
    made = hashlib.sha256(json.dumps(asked).encode())
    for name, content in [*sorted(job.files.items()), *sorted(job.package.items())]:
        made.update(f"\0{name}\0{len(content)}\0".encode(errors="surrogateescape") + content)
    return made.hexdigest()[:32]


def conditions() -> dict[str, str | int]:
    """What else a run and its verdicts depend on: versions, and the code that runs and judges."""
    return {"format": FORMAT, "python": platform.python_version(), "numpy": np.__version__, "grader": _grader()}


@functools.cache
def _grader() -> str:
    """A checksum of the text of the engine, of the judge, of the checks, and of what tells who uses whose answer."""
    home = Path(__file__).parents[1]
    paths = [
        *sorted(home.glob("engine/*.py")),
        *sorted(home.glob("judging/*.py")),
        Path(checks.__file__),
        Path(uses.__file__),
    ]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()
