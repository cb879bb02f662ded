"""Grading one submission: (source, submission, seed, limits) → (what it reported, verdicts)."""

from dataclasses import replace
from pathlib import Path

from autograder.engine.execute import Run, execute, laid_over
from autograder.judging.expected import expected
from autograder.judging.jobs import conditions, job_of
from autograder.judging.judge import Verdict, judge
from autograder.judging.source import Source, folder_files


def lost_at_a_limit(run: Run, judged: list[Verdict]) -> bool:
    """Whether points were lost in a run some of whose cells were ended: where nothing else runs, they may end well."""
    return bool(run.notes) and not all(verdict.passed for verdict in judged)


def run_and_judge_alone(*arguments, **options) -> tuple[Run, list[Verdict]]:
    """As `run_and_judge`, by whoever runs one submission at a time: what lost points at a limit is run once more."""
    run, judged = run_and_judge(*arguments, **options)
    return run_and_judge(*arguments, **options) if lost_at_a_limit(run, judged) else (run, judged)


def run_once(notebook, source: Source, seed: int, files: dict[str, bytes]) -> Run:
    """What a mended notebook reports next to `files`. Nobody judges it."""
    return execute(job_of(notebook, source, seed, files))


def run_and_judge(notebook, source: Source, seed: int, files: dict[str, bytes], **options) -> tuple[Run, list[Verdict]]:
    """Run a mended notebook next to `files`, and judge it: what it reported, and the verdicts.

    options: `kernel` and `isolated`, as in Job
    """
    job = replace(job_of(notebook, source, seed, files), **options)
    run, wanted = execute(job), expected(source, seed).emissions
    run.conditions = conditions_of(source, seed)
    judged = judge(source, wanted, run.emissions, run.problems)
    if any(line.visible and not line.passed for verdict in judged for line in verdict.lines):
        # Pages quote the student's values, so these must come from a process that knew no hidden text. A check that
        # ran out of time would only run out of time again.
        visible = job_of(notebook, source, seed, files, hidden=False).cells
        cells = tuple(cell for cell in visible if not (cell[1] and cell[0] in run.fatal))
        run.seen = execute(replace(job, cells=cells)).emissions
        judged = judge(source, wanted, run.emissions, run.problems, run.seen)
    return run, judged


def conditions_of(source: Source, seed: int) -> dict[str, str | int]:
    """The seed and the versions with which this process runs and judges submissions of a module."""
    return {"seed": seed, "module": source.version, **conditions()}


def submitted_files(folder: Path, source: Source) -> dict[str, bytes]:
    """A submission's files, with the source's files laid over them, as nbgrader does."""
    return laid_over(folder_files(folder), source.files)
