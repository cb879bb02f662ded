"""Grading one submission: (source, submission, seed, limits) → (what it reported, verdicts).

It takes up to three runs. The *judged* run decides. The *worded* run knows no hidden text: what a page quotes comes
from there. The run that is *followed through* has the course's answers in place of wrong ones: only verdicts come out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.engine.execute import Job, Run, execute, laid_over
from autograder.judging.expected import PUBLIC, expected
from autograder.judging.following import CellJudge, Following, course_answers
from autograder.judging.jobs import conditions, job_of
from autograder.judging.judge import Verdict, Words, judge, judge_cell
from autograder.judging.source import Source, folder_files


@dataclass(frozen=True)
class Runs:
    """The runs of one submission, as a grader makes them.

    execute: as the engine's
    judge: a run → the verdicts on it
    judge_one: the same for one graded cell
    worded: the judged run → the job of the worded run
    """

    execute: Callable[..., Run]
    judge: Callable[[Run], list[Verdict]]
    judge_one: CellJudge
    worded: Callable[[Run], Job]
    following: Following

    def of(self, job: Job, last: bool) -> tuple[Run, list[Verdict]]:
        """Run a submission, and judge it. last: as in `run_and_judge`."""
        run = self.execute(job)
        judged = self.judge(run)
        if not last and lost_at_a_limit(run, judged):
            return run, judged
        if any(line.visible and not line.passed for verdict in judged for line in verdict.lines):
            run.worded = self.execute(self.worded(run))
            judged = self.judge(run)
        if self.following.may_help(judged):
            job = self.following.job(job, judged, run.fatal)
            run.followed = self.execute(job, self.following.replacing(self.judge_one))
            judged = self.following.better(judged, run.followed, self.judge_one)
        return run, judged


def lost_at_a_limit(run: Run, judged: list[Verdict]) -> bool:
    """Whether points were lost in a run some of whose cells were ended: where nothing else runs, they may end well."""
    return bool(run.notes) and not all(verdict.passed for verdict in judged)


def run_and_judge_alone(*arguments, **options) -> tuple[Run, list[Verdict]]:
    """As `run_and_judge`, by whoever runs one submission at a time: what lost points at a limit is run once more."""
    run, judged = run_and_judge(*arguments, last=False, **options)
    return run_and_judge(*arguments, **options) if lost_at_a_limit(run, judged) else (run, judged)


def run_once(notebook, source: Source, seed: int, files: dict[str, bytes]) -> Run:
    """What a mended notebook reports next to `files`. Nobody judges it."""
    return execute(job_of(notebook, source, seed, files))


def run_and_judge(
    notebook, source: Source, seed: int, files: dict[str, bytes], last: bool = True, **options
) -> tuple[Run, list[Verdict]]:
    """Run a mended notebook next to `files`, and judge it: what it reported, and the verdicts.

    last: whether the result counts. If not, and points are lost at a limit, the caller will run all of it once more
    options: `kernel` and `isolated`, as in Job
    """
    job = replace(job_of(notebook, source, seed, files), **options)
    wanted = expected(source, seed).emissions
    answers = course_answers(source) if source.follow_through else {}
    runs = Runs(
        execute=execute,
        judge=lambda run: judge(
            source,
            wanted,
            run.emissions,
            run.problems,
            run.worded and words_of(run.worded, expected(source, PUBLIC).emissions),
        ),
        judge_one=lambda name, run: judge_in(run, name, source, wanted),
        worded=lambda run: worded_job(job, job_of(notebook, source, PUBLIC, files, hidden=False), run),
        following=Following.of(notebook, source, answers),
    )
    run, judged = runs.of(job, last)
    run.conditions = conditions_of(source, seed)
    return run, judged


def words_of(worded: Run, wanted: dict[str, list]) -> dict[str, Words]:
    """grade_id → what a page may quote. wanted: grade_id → what the source reports under the seed PUBLIC"""
    return {
        name: Words(wanted.get(name, []), messages, worded.problems.get(name))
        for name, messages in worded.emissions.items()
    }


def judge_in(run: Run, name: str, source: Source, wanted: dict[str, list]) -> Verdict:
    """The verdict on one graded cell. wanted: grade_id → what the source reports"""
    return judge_cell(source, name, wanted.get(name, []), run.emissions.get(name, []), run.problems.get(name))


def worded_job(job: Job, visible: Job, run: Run) -> Job:
    """The job of the worded run. A cell that ran out of time would only run out of time again.

    visible: a job of the same submission without hidden text
    """
    ended = {_which(*job.cells[position]) for position in run.fatal}
    cells = tuple(cell for cell in visible.cells if _which(*cell) not in ended)
    return replace(job, cells=cells, seed=visible.seed)


def _which(name: str | None, check: bool, text: str) -> tuple[bool, str | None]:
    """What tells a cell from others of its notebook in any job: a check's text differs from job to job."""
    return check, name if check else text


def conditions_of(source: Source, seed: int) -> dict[str, str | int]:
    """The seed and the versions with which this process runs and judges submissions of a module."""
    return {"seed": seed, "module": source.version, **conditions()}


def submitted_files(folder: Path, source: Source) -> dict[str, bytes]:
    """A submission's files, with the source's files laid over them, as nbgrader does."""
    return laid_over(folder_files(folder), source.files)
