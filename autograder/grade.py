"""Grading one submission: (source, submission, seed, limits) → (what it reported, verdicts)."""

import gzip
import hashlib
import html
import json
from dataclasses import asdict, replace
from pathlib import Path

from nbformat.v4 import new_output

from autograder import sandbox
from autograder.execute import Job, Run, execute, laid_over
from autograder.judge import Verdict, verdicts
from autograder.source import Source, folder_files
from tito.notebooks import grade_id, is_check
from tito.workspace import UserError

VERDICT_MIME = "application/vnd.tinytorch.verdict+json"


def expected(source: Source, seed: int) -> Run:
    """What the source notebook itself reports under `seed`; kept in .cache, by content, and with `source`."""
    if seed not in source.expectations:
        source.expectations[seed] = _expected(source, seed)
    return source.expectations[seed]


def _expected(source: Source, seed: int) -> Run:
    job = Job.of(source.notebook, source, seed, source.files)
    kept = source.workspace.root / ".cache" / "expected" / f"{source.module}-{key_of(job)}.json.gz"
    if kept.is_file():
        return Run.from_json(gzip.decompress(kept.read_bytes()).decode())
    run = execute(replace(job, isolated=sandbox.FILES in sandbox.active()))  # the course's own: it may run anywhere
    if run.problems or run.notes:
        trouble = "; ".join([*(f"{name} {problem}" for name, problem in run.problems.items()), *run.notes])
        raise UserError(f"{source.path} does not run: {trouble}. Nothing can be graded until it does.")
    _write(kept, gzip.compress(run.to_json().encode(), mtime=0))
    return run


def run_once(notebook, source: Source, seed: int, files: dict[str, bytes]) -> Run:
    return execute(Job.of(notebook, source, seed, files))


def grade(notebook, source: Source, seed: int, files: dict[str, bytes], **options) -> tuple[Run, list[Verdict]]:
    """Run and judge a notebook that `restore` has been through, next to `files`.

    options: `kernel` and `isolated`, as in Job
    """
    job = replace(Job.of(notebook, source, seed, files), **options)
    run, wanted = execute(job), expected(source, seed).emissions
    judged = verdicts(source, wanted, run.emissions, run.problems)
    if any(line.visible and not line.passed for verdict in judged for line in verdict.lines):
        # What came instead is shown to the student: it must be from a process that knew no hidden text. A check that
        # ran out of time would only do so again.
        visible = Job.of(notebook, source, seed, files, hidden=False).cells
        cells = tuple(cell for cell in visible if not (cell[1] and cell[0] in run.fatal))
        run.seen = execute(replace(job, cells=cells)).emissions
        judged = verdicts(source, wanted, run.emissions, run.problems, run.seen)
    return run, judged


def submitted_files(folder: Path, source: Source) -> dict[str, bytes]:
    """A submission's own files with the source's over them, as nbgrader lays them out."""
    return laid_over(folder_files(folder), source.files)


def key_of(job: Job, *more: str) -> str:
    """Changes whenever anything does that a run of `job` depends on, or one of `more`."""
    made = hashlib.sha256(json.dumps([job.cells, job.seed, job.limits, job.kernel, more]).encode())
    for name, content in [*sorted(job.files.items()), *sorted(job.package.items())]:
        made.update(f"\0{name}\0{len(content)}\0".encode(errors="surrogateescape") + content)
    return made.hexdigest()[:32]


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(f".{hashlib.sha256(content).hexdigest()[:8]}")
    new.write_bytes(content)
    new.replace(path)


def with_verdicts(nb, judged: list[Verdict], run: Run):
    by_name = {verdict.grade_id: verdict for verdict in judged}
    for cell in nb.cells:
        name = grade_id(cell)
        if is_check(cell) and name in by_name:
            cell.outputs = [_verdict_output(by_name[name])]
        elif cell.cell_type == "code" and name in run.problems:
            cell.outputs = [*cell.get("outputs", []), _problem_output(run.problems[name])]
    return nb


def _verdict_output(verdict: Verdict):
    """An execute_result whose text is the score: what nbgrader takes as partial credit."""
    data = {
        "text/plain": str(verdict.earned),
        "text/html": _verdict_html(verdict),
        VERDICT_MIME: asdict(verdict),
    }
    return new_output("execute_result", data, execution_count=None)


def _problem_output(problem: str):
    return new_output("display_data", {"text/plain": f"When graded, this cell {problem}."})


def _verdict_html(verdict: Verdict) -> str:
    rows = "".join(
        f"<tr><td>{'passed' if line.passed else 'failed'}</td><td>{html.escape(line.name)}</td>"
        f"<td>{html.escape(line.reason or '')}</td></tr>"
        for line in verdict.lines
    )
    problem = f"<p>This cell {html.escape(verdict.problem)}.</p>" if verdict.problem else ""
    return f"<p>{verdict.earned:g} of {verdict.points:g} points</p>{problem}<table>{rows}</table>"
