"""The values that the source notebook itself reports. The judge compares submissions with them."""

import contextlib
from dataclasses import replace
from pathlib import Path

from autograder.engine import sandbox
from autograder.engine.execute import Job, Run, execute
from autograder.judging.gaps import copy_gaps, counts, job_idle, jobs_with_a_gap, note_gaps
from autograder.judging.jobs import job_of, key_of
from autograder.judging.source import JUDGE, Source, without
from tito import files
from tito.notebooks import check_names
from tito.workspace import UserError

PUBLIC = 0  # the seed of the worded run, and of every notebook in JupyterLab: nothing that is quoted holds the other


def expected(source: Source, seed: int) -> Run:
    """What the source notebook itself reports under `seed`, with the gaps that each check asks about.

    The result is kept in `source`, and in .cache under a key made of the content. Raises UserError if the notebook
    does not run.
    """
    if seed not in source.expectations:
        source.expectations[seed] = _expected(source, seed)
    return source.expectations[seed]


def run_own(job: Job) -> Run:
    """Run a notebook of the course. The course trusts it: it also runs where submissions may not."""
    return execute(replace(job, isolated=not sandbox.why_open()))


def _expected(source: Source, seed: int) -> Run:
    job = job_of(source.notebook, source, seed, source.files)
    kept = source.workspace.root / ".cache" / "expected" / f"{source.module}-{key_of(job)}.json.gz"
    run = _read(kept)
    if run is None:
        run = run_own(job)
        _refuse_if_broken(source, run)
        _note_gaps(source, seed, job, run)
        files.write(kept, run.packed())
    return run


def _note_gaps(source: Source, seed: int, job: Job, run: Run) -> None:
    """They are looked for under one seed."""
    if seed == PUBLIC and counts(source):
        note_gaps(source, run, map(run_own, jobs_with_a_gap(source, job)), run_own(job_idle(source, job)))
    elif counts(source):
        copy_gaps(expected(source, PUBLIC), run)


def _read(kept: Path) -> Run | None:
    """The run that was kept in a file; None if there is no such file, or a damaged one."""
    with contextlib.suppress(OSError, ValueError):
        return Run.unpacked(kept.read_bytes())
    return None


def _refuse_if_broken(source: Source, run: Run) -> None:
    troubles = [f"{name} {problem}{_unreached(source, run, name)}" for name, problem in run.problems.items()]
    if trouble := "; ".join([*troubles, *run.notes]):
        raise UserError(f"{source.path} does not run: {trouble}. Nothing can be graded until it does.")


def _unreached(source: Source, run: Run, name: str) -> str:
    """Words for the check before which a graded cell stopped; "" for other cells."""
    if name not in source.check_cells:
        return ""
    reached = {message["name"] for message in run.emissions.get(name, [])}
    names = check_names(without(source.check_cells[name].source, JUDGE))
    return next((f" before the check {check!r}" for check in names if check not in reached), "")
