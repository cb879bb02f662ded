"""Grading versions of the modules; `python tests/course/versions.py [MODULE]...` prints a row for every version."""

import copy
import dataclasses
import functools
import re
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions
from trunk import Trunk

from autograder.demo.versions import Version, losses, read_versions, with_cells
from autograder.engine import sandbox
from autograder.engine.execute import Job, Run, execute
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.following import Following, course_answers
from autograder.judging.jobs import job_of
from autograder.judging.judge import Verdict, judge
from autograder.judging.source import Source
from autograder.judging.step import judge_in
from tito.workspace import Workspace

WORKSPACE = Workspace.find(Path(__file__))
ROWS = WORKSPACE.course.modules
ELECTIVES = [name for name in WORKSPACE.written() if ROWS[name].state == "elective"]
TESTED = [*WORKSPACE.released(), *(name for name in ELECTIVES if set(ROWS[name].needs) <= set(ROWS))]
FOLDER = Path(__file__).resolve().parent / "versions"
SEEDS = (20261123, 7, 4242424242)


@functools.cache
def source_of(module: str) -> Source:
    return Source.of(WORKSPACE, module)


def all_versions(module: str = "*", kind: str = "*") -> list[Version]:
    return read_versions(FOLDER, module, kind)


def in_order(module: str) -> list[Version]:
    """The versions of a module, sorted by the cell in which they begin to differ, so that what they share runs once."""
    names = list(source_of(module).named_cells)
    return sorted(all_versions(module), key=lambda version: names.index(first_change(version)))


def released(source: Source):
    """What nbgrader makes of a source notebook for students."""
    notebook, resources = copy.deepcopy(source.notebook), {}
    for step in (ClearSolutions(), ClearHiddenTests(), ClearMarkScheme(enforce_metadata=False)):
        notebook, resources = step.preprocess(notebook, resources)
    return notebook


def judged(notebook, source: Source, seed=SEEDS[0]) -> dict[str, Verdict]:
    """Grade a notebook as a submission, with its mistakes followed through: grade_id → verdict."""
    restored, wanted = mend(notebook, source)[0], expected(source, seed).emissions
    job = _job(restored, source, seed)
    run = execute(job)
    verdicts = judge(source, wanted, run.emissions, run.problems)
    found = followed(restored, source, job, verdicts, run.fatal, wanted, execute)
    return {verdict.grade_id: verdict for verdict in found}


def followed(
    notebook, source: Source, job: Job, verdicts: list[Verdict], fatal: list[int], wanted: dict, run_job
) -> list[Verdict]:
    """The verdicts on a notebook after the run with the course's answers.

    verdicts, fatal: of the first run of `job`
    wanted: grade_id → what the source reports
    run_job: as `execute`
    """
    if sum(not verdict.passed for verdict in verdicts) < 2:
        return verdicts  # nothing later has failed; `Following.of` would take a fifth of a version's time to say so
    following = Following.of(notebook, source, course_answers(source))
    if not following.may_help(verdicts):
        return verdicts

    def judge_one(name: str, run: Run) -> Verdict:
        return judge_in(run, name, source, wanted)

    run = run_job(following.job(job, verdicts, fatal), following.replacing(judge_one))
    return following.better(verdicts, run, judge_one)


def _job(notebook, source: Source, seed: int) -> Job:
    """Shut in where that can be: it is the course's own."""
    return dataclasses.replace(job_of(notebook, source, seed, source.files), isolated=not sandbox.why_open())


@functools.lru_cache(maxsize=1)
def _trunk(module: str) -> Trunk:
    source = source_of(module)
    return Trunk(_job(source.notebook, source, SEEDS[0]))


def judged_from(since: str, notebook, source: Source, until=None, patience=1.0, follow=False) -> dict[str, Verdict]:
    """Grade a notebook that is the source's own before the cell `since`: grade_id → verdict, of the checks after it.

    until: the check after which nobody wants to know any more
    patience: how much of the time that the module gives a cell; what waits for nothing need not wait for long
    follow: whether to follow mistakes through
    """
    alone, through = judged_both_ways(since, notebook, source, until, patience)
    return {verdict.grade_id: verdict for verdict in (through() if follow else alone)}


def judged_both_ways(
    since: str, notebook, source: Source, until=None, patience=1.0
) -> tuple[list[Verdict], Callable[[], list[Verdict]]]:
    """The verdicts of the judged run, and a function for those with mistakes followed through. As `judged_from`."""
    job, wanted = _job_from(since, notebook, source, until, patience), expected(source, SEEDS[0]).emissions
    run_job = _trunk(source.module).execute
    run = run_job(job)
    verdicts = [judge_in(run, name, source, wanted) for name, check, _ in job.cells if check]
    return verdicts, lambda: followed(notebook, source, job, verdicts, run.fatal, wanted, run_job)


def run_from(since: str, notebook, source: Source, until=None, patience=1.0) -> Run:
    """The judged run alone. As `judged_from`."""
    return _trunk(source.module).execute(_job_from(since, notebook, source, until, patience))


def _job_from(since: str, notebook, source: Source, until: str | None, patience: float) -> Job:
    job, names = _job(notebook, source, SEEDS[0]), list(source.named_cells)
    asked = [name for name in source.check_cells if names.index(since) < names.index(name)]
    asked = asked[: asked.index(until) + 1 if until else None]
    cells = [cell for cell in job.cells if not cell[1] or cell[0] in asked]
    last = max(index for index, cell in enumerate(cells) if cell[1]) if until else len(cells)
    limits = dataclasses.replace(job.limits, cell_seconds=job.limits.cell_seconds * patience)
    return dataclasses.replace(job, cells=tuple(cells[: last + 1]), limits=limits)


def sampled(version: Version) -> bool:
    """Whether a quick test has it: the ways to break a notebook are alike in all modules, so each has one."""
    if version.kind != "broken":
        return True
    ways = [one.name for one in all_versions(version.module, "broken")]
    return version.name == ways[TESTED.index(version.module) % len(ways)]


def must_lose(version: Version, whole: bool = True) -> list[str]:
    """The checks that a version must lose, in order; of most wrong ones, if not `whole`, only the first."""
    source = source_of(version.module)
    checks = [name for name in source.check_cells if name in losses(version, source)]
    return checks if whole or _to_the_end(version) else checks[:1]


def _to_the_end(version: Version) -> bool:
    """Whether a version is followed through in a quick test, too: it must lose nothing but its own question."""
    return version.kind != "wrong" or zlib.crc32(version.name.encode()) % 48 == 0


def judged_version(version: Version, whole: bool = True) -> dict[str, Verdict]:
    """Verdicts on a version; if not `whole`, a fork of the source's run is asked from the first change on, and of most
    wrong versions as far as the first check of `must_lose`."""
    source = source_of(version.module)
    if whole:
        return judged(with_cells(source.notebook, source, version.cells), source)
    cells = asleep(version.cells) if version.name == "endless_loop" else version.cells
    notebook = with_cells(source.notebook, source, cells)
    until = None if _to_the_end(version) else must_lose(version, whole)[0]
    patience = 1.0 if version.kind == "right" else 0.3
    return judged_from(first_change(version), notebook, source, until, patience, follow=True)


def asleep(cells: dict[str, str]) -> dict[str, str]:
    """Cells whose loops are as endless, but keep no core busy until the limit has passed."""
    turn = r'\1while \2:\n\1    __import__("time").sleep(0.1)\n'
    return {name: re.sub(r"(?m)^( *)while (.*):\n", turn, text) for name, text in cells.items()}


def first_change(version: Version) -> str:
    """The first cell in which a version differs from the source."""
    changed = {cell.partition(".")[0] for cell in version.cells}
    return next(name for name in source_of(version.module).named_cells if name in changed)


def losers(found: dict[str, Verdict]) -> set[str]:
    return {name for name, verdict in found.items() if not verdict.passed}


def reasons(found: dict[str, Verdict]) -> str:
    """Why cells lost, for a failing test's message."""
    lines = [(name, line) for name, verdict in found.items() for line in verdict.lines if not line.passed]
    return "\n".join(f"  {name} | {line.name}: {line.reason}" for name, line in lines)


def main(modules: list[str]) -> int:
    """Print for every version what it lost, and what it should have lost where that differs."""
    versions = [version for version in all_versions() if not modules or version.module in modules]
    bad = 0
    with ThreadPoolExecutor(2) as pool:
        for version, found in zip(versions, pool.map(judged_version, versions), strict=True):
            lost = losers(found)
            due = set(must_lose(version))
            mark = "ok " if lost == due else "BAD"
            bad += mark == "BAD"
            print(f"{mark} {version.module:8} {version.kind:5} {version.name:44} loses {' '.join(sorted(lost)) or '-'}")
            if mark == "BAD":
                print(f"      should lose {' '.join(sorted(due)) or '-'}   ({version.why})")
                print(reasons(found))
    print(f"{len(versions)} versions, {bad} not as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
