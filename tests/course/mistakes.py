"""What a mistake costs, for each wrong version, alone and followed through.

    python tests/course/mistakes.py [--every N] [MODULE]...

Prints a row for each module, with means over its wrong versions:

alone, followed: points lost ÷ points lost of the question that is wrong; 1.00 means that no other question loses any
of blank: points lost of that question ÷ what the same gaps cost where they are blank: the whole question, if it has one
dearer: versions that lose more of that question than blank gaps, because what they do wrong shows in other gaps, too

and each version that costs another question, or nothing. Exit code 1 if no line `loses:` says so.
"""

import argparse
import ast
import re
import statistics
import sys
import textwrap
from dataclasses import dataclass

from versions import SEEDS, WORKSPACE, first_change, in_order, judged_both_ways, source_of

from autograder.demo.versions import Version, with_cells
from autograder.judging.expected import expected
from autograder.judging.following import Following, course_answers
from autograder.judging.judge import GAPS, Line, Verdict, by_name, gaps_held
from autograder.judging.source import GAP, SOLUTION, Source, inside
from tito.notebooks import grade_id
from tito.uses import stubs_asked


@dataclass(frozen=True)
class Cost:
    """What one version lost: check → points, in order, by the judged run alone and by both runs.

    blank: the checks about the stub that is wrong → what they lose where the gaps that differ are blank
    caught_by: the lines of these checks that failed
    """

    version: Version
    blank: dict[str, float]
    alone: dict[str, float]
    followed: dict[str, float]
    caught_by: tuple[Line, ...]

    @property
    def own(self) -> float:
        """The points that the question lost which is wrong."""
        return sum(points for name, points in self.alone.items() if name in self.blank)

    @property
    def of_blank(self) -> float:
        """The same, as a part of what blank gaps lose in those checks."""
        return self.own / sum(points for name, points in self.blank.items() if name in self.alone)

    @property
    def exception(self) -> str:
        """What the version loses beside points of its own question, or that it loses none; "" for most."""
        others = sorted(self.followed.keys() - self.blank)
        return f"loses {' '.join(others)}, too" if others else "" if self.followed else "loses nothing"


def cost(version: Version) -> Cost:
    """Grade a wrong version. All before its cell is right, so nobody asks the checks there."""
    source = source_of(version.module)
    notebook = with_cells(source.notebook, source, version.cells)
    alone, through = judged_both_ways(first_change(version), notebook, source, patience=0.3)
    changed = {cell.partition(".")[0] for cell in version.cells}
    own = own_checks(source, changed)
    caught_by = tuple(line for one in alone if one.grade_id in own for line in one.lines if not line.passed)
    blank = {name: _when_blank(source, name, gaps_changed(notebook, source, changed, name)) for name in own}
    return Cost(version, blank, lost(alone), lost(through()), caught_by)


def own_checks(source: Source, stubs: set[str]) -> frozenset[str]:
    """The checks about the answers in `stubs`, also those that ask about them once more."""
    own = {check for check, asked in stubs_asked(source.notebook).items() if stubs.intersection(asked)}
    repeats = Following.of(source.notebook, source, {}).repeats
    return frozenset(own | {check for check, asked in repeats.items() if own & asked})


def gaps_changed(notebook, source: Source, stubs: set[str], check: str) -> set[int]:
    """The numbers of the gaps of a check's answer whose text is not in a notebook's `stubs`."""
    texts = {grade_id(cell): cell.source for cell in notebook.cells if grade_id(cell) in stubs}
    written = "".join(statements(texts[name]) for name in texts)
    answers = "".join(source.named_cells[name].source for name in texts)
    gaps = [found.group() for found in re.finditer(GAP, course_answers(source)[check])]
    return {at for at, gap in enumerate(gaps) if gap in answers and statements(inside(gap, SOLUTION)) not in written}


def statements(text: str) -> str:
    """The statements of a text, a line each, without comments and indentation."""
    lines = ast.unparse(ast.parse(textwrap.dedent(text))).splitlines()
    return "\n".join(["", *map(str.strip, lines), ""])


def _when_blank(source: Source, check: str, gaps: set[int]) -> float:
    """What a check loses where these gaps are blank: all its points, if it does not ask about them."""
    wanted = {name: found[-1] for name, found in by_name(expected(source, SEEDS[0]).emissions[check]).items()}
    lines = [Line(name, m["kind"], "blank" if gaps & {*m.get(GAPS, [])} else None) for name, m in wanted.items()]
    held, shares = gaps_held(lines, wanted)
    return source.points(check) * ((shares - held) / shares if held < shares else 1)


def lost(judged: list[Verdict]) -> dict[str, float]:
    """The points that were lost: check → how many."""
    return {verdict.grade_id: verdict.points - verdict.earned for verdict in judged if not verdict.passed}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="take only every N-th version")
    parser.add_argument("modules", nargs="*", default=WORKSPACE.released())
    asked = parser.parse_args()
    exceptions = []
    print("module        versions  alone  followed  of blank  dearer")
    for module in asked.modules:
        wrong = [version for version in in_order(module) if version.kind == "wrong"]
        costs = list(map(cost, wrong[:: asked.every]))
        print(row(module, costs), flush=True)
        exceptions += [one for one in costs if one.exception]
    for one in exceptions:
        print(f"{one.version.module}/{one.version.name} {one.exception} ({one.version.why})")
    print(f"{len(exceptions)} exceptions")
    return 1 if any(not one.version.loses for one in exceptions) else 0


def row(module: str, costs: list[Cost]) -> str:
    """A row of the table."""
    caught = [one for one in costs if one.own]
    alone = statistics.fmean(sum(one.alone.values()) / one.own for one in caught)
    followed = statistics.fmean(sum(one.followed.values()) / one.own for one in caught)
    of_blank = statistics.fmean(one.of_blank for one in caught)
    dearer = sum(one.of_blank > 1.02 for one in caught)  # points are rounded
    return f"{module:14}{len(costs):8}{alone:7.2f}{followed:10.2f}{of_blank:10.2f}{dearer:8}"


if __name__ == "__main__":
    sys.exit(main())
