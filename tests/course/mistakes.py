"""What a mistake costs: points lost ÷ points of the question meant, for each wrong version, alone and followed through.

    python tests/course/mistakes.py [--every N] [MODULE]...

prints a row for each module, and each version that loses more than its own question.
"""

import argparse
import statistics
import sys
from dataclasses import dataclass

from versions import WORKSPACE, first_change, in_order, judged_both_ways, source_of

from autograder.demo.versions import Version, with_cells
from autograder.judging.following import Following
from autograder.judging.judge import Verdict
from autograder.judging.source import Source
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
    """Grade a wrong version. All before its cell is right, so nobody asks the checks there."""
    source = source_of(version.module)
    notebook = with_cells(source.notebook, source, version.cells)
    alone, through = judged_both_ways(first_change(version), notebook, source, patience=0.3)
    changed = {cell.partition(".")[0] for cell in version.cells}
    return Cost(version, own_checks(source, changed), lost(alone), lost(through()))


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
    for module in asked.modules:
        wrong = [version for version in in_order(module) if version.kind == "wrong"]
        costs = [one for one in map(cost, wrong[:: asked.every]) if one.alone]
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
