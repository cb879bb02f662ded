"""What a mistake costs: points lost ÷ points of the question meant, for each wrong version, alone and followed through.

    python tests/course/mistakes.py [--every N] [MODULE]...

prints a row for each module, and each version that loses more than its own question.
"""

import argparse
import dataclasses
import statistics
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from versions import SEEDS, WORKSPACE, all_versions, source_of

from autograder.demo.versions import Version, with_cells
from autograder.engine import sandbox
from autograder.engine.execute import Run, execute
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.following import Following, course_answers
from autograder.judging.jobs import job_of
from autograder.judging.judge import Verdict, judge
from autograder.judging.source import Source
from autograder.judging.step import judge_in
from tito.uses import stubs_asked


@dataclass(frozen=True)
class Cost:
    """What one version lost: checks, in order, by the judged run alone and by both runs.

    own: the checks about the stub that is wrong
    """

    version: Version
    own: frozenset[str]
    alone: tuple[str, ...]
    followed: tuple[str, ...]

    def ratio(self, lost: tuple[str, ...]) -> float:
        """Points lost ÷ points of the question meant: of those checks about the stub that fail at all."""
        points = source_of(self.version.module).points
        return sum(map(points, lost)) / sum(map(points, self.own.intersection(self.alone) or self.alone[:1]))


def cost(version: Version) -> Cost:
    """Grade a wrong version as a submission. All before its cell is right, so nobody asks the checks there."""
    source, seed = source_of(version.module), SEEDS[0]
    wanted, names = expected(source, seed).emissions, list(source.named_cells)
    notebook = mend(with_cells(source.notebook, source, version.cells), source)[0]
    changed = {cell.partition(".")[0] for cell in version.cells}
    first = min(map(names.index, changed))
    before = [check for check in source.check_cells if names.index(check) < first]
    job = job_of(notebook, source, seed, source.files)
    cells = tuple(cell for cell in job.cells if cell[0] not in before)
    job = dataclasses.replace(job, cells=cells, isolated=not sandbox.why_open())
    run = execute(job)
    run.emissions |= {name: wanted[name] for name in before}
    judged = judge(source, wanted, run.emissions, run.problems)
    return Cost(
        version, own_checks(source, changed), lost(judged), lost(followed(source, notebook, job, judged, wanted))
    )


def followed(source: Source, notebook, job, judged: list[Verdict], wanted: dict) -> list[Verdict]:
    """The verdicts after the run with the course's answers."""
    following = Following.of(notebook, source, course_answers(source))
    if not following.may_help(judged):
        return judged

    def judge_one(name: str, run: Run) -> Verdict:
        return judge_in(run, name, source, wanted)

    more = execute(following.job(job, judged), following.replacing(judge_one))
    return following.better(judged, more, judge_one)


def own_checks(source: Source, stubs: set[str]) -> frozenset[str]:
    """The checks about the answers in `stubs`, also those that ask about them once more."""
    own = {check for check, asked in stubs_asked(source.notebook).items() if stubs.intersection(asked)}
    repeats = Following.of(source.notebook, source, {}).repeats
    return frozenset(own | {check for check, asked in repeats.items() if own & asked})


def lost(judged: list[Verdict]) -> tuple[str, ...]:
    """The checks that lost points."""
    return tuple(verdict.grade_id for verdict in judged if not verdict.passed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take only every N-th version")
    parser.add_argument("modules", nargs="*", default=WORKSPACE.released())
    asked = parser.parse_args()
    exceptions = []
    print("module        versions  alone  followed")
    with ThreadPoolExecutor(2) as pool:
        for module in asked.modules:
            costs = list(pool.map(cost, all_versions(module, "wrong")[:: asked.every]))
            costs = [one for one in costs if one.alone]
            alone, after = ([one.ratio(getattr(one, field)) for one in costs] for field in ("alone", "followed"))
            print(f"{module:14}{len(costs):8}{statistics.fmean(alone):7.2f}{statistics.fmean(after):10.2f}", flush=True)
            exceptions += [one for one in costs if not one.own.issuperset(one.followed) or not one.followed]
    for one in exceptions:
        print(
            f"{one.version.module}/{one.version.name} loses {' '.join(one.followed) or 'nothing'} ({one.version.why})"
        )
    print(f"{len(exceptions)} exceptions")
    return 1 if exceptions else 0


if __name__ == "__main__":
    sys.exit(main())
