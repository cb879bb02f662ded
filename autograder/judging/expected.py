"""The values that the source notebook itself reports. The judge compares submissions with them."""

import gzip
from dataclasses import replace

from autograder.engine import sandbox
from autograder.engine.execute import Run, execute
from autograder.judging.jobs import job_of, key_of
from autograder.judging.source import Source
from tito import files
from tito.workspace import UserError


def expected(source: Source, seed: int) -> Run:
    """What the source notebook itself reports under `seed`.

    The result is kept in `source`, and in .cache under a key made of the content. Raises UserError if the notebook
    does not run.
    """
    if seed not in source.expectations:
        source.expectations[seed] = _expected(source, seed)
    return source.expectations[seed]


def _expected(source: Source, seed: int) -> Run:
    job = job_of(source.notebook, source, seed, source.files)
    kept = source.workspace.root / ".cache" / "expected" / f"{source.module}-{key_of(job)}.json.gz"
    if kept.is_file():
        return Run.from_json(gzip.decompress(kept.read_bytes()).decode())
    run = execute(replace(job, isolated=not sandbox.why_open()))  # the course trusts its own notebook
    if run.problems or run.notes:
        trouble = "; ".join([*(f"{name} {problem}" for name, problem in run.problems.items()), *run.notes])
        raise UserError(f"{source.path} does not run: {trouble}. Nothing can be graded until it does.")
    files.write(kept, gzip.compress(run.to_json().encode(), mtime=0))
    return run
