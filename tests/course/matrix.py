"""The wrong versions at a glance: by stub and mistake, and which check catches it.

    python tests/course/matrix.py MODULE [STUB]...

Each row begins with who catches the mistake: `visible` checks, which students see, `hidden` ones alone, or `nobody`.
The first such check is named, and how many others fail. A stub has a flag if it has fewer than five versions, or if two
of them report the same to its checks, to the last bit: they may be one mistake.
"""

import argparse
import itertools
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mistakes import own_checks
from versions import SEEDS, all_versions, first_change, run_from, source_of

from autograder.demo.versions import Version, with_cells
from autograder.judging.expected import expected
from autograder.judging.judge import Line
from autograder.judging.step import judge_in
from tito.notebooks import grade_id, is_stub

ENOUGH = 5  # wrong versions of a stub


@dataclass(frozen=True)
class Caught:
    """A wrong version.

    lines: those of its own checks that failed, the visible ones first
    reports: what these checks sent
    """

    version: Version
    lines: tuple[Line, ...]
    reports: list[list]

    @property
    def by(self) -> str:
        """Who catches the mistake."""
        return "nobody" if not self.lines else "visible" if self.lines[0].visible else "hidden"

    def row(self) -> str:
        """What the matrix says of it."""
        more = f" and {len(self.lines) - 1} more" if len(self.lines) > 1 else ""
        first = f"{self.lines[0].name!r}{more}" if self.lines else "-"
        return f"  {self.by:7}  {self.version.name:40}  {first:50}  {self.version.why}"


def caught(version: Version) -> Caught:
    """Grade a wrong version as far as the last check about it."""
    source = source_of(version.module)
    own = own_checks(source, {name.partition(".")[0] for name in version.cells})
    last = [name for name in source.check_cells if name in own][-1]
    notebook = with_cells(source.notebook, source, version.cells)
    run, wanted = run_from(first_change(version), notebook, source, last, patience=0.3), expected(source, SEEDS[0])
    verdicts = [judge_in(run, name, source, wanted.emissions) for name in source.check_cells if name in own]
    lines = [line for verdict in verdicts for line in verdict.lines if not line.passed]
    reports = [run.emissions.get(verdict.grade_id, []) for verdict in verdicts]
    return Caught(version, tuple(sorted(lines, key=lambda line: not line.visible)), reports)


def flags(rows: list[Caught]) -> Iterator[str]:
    """What to look at in the versions of one stub."""
    if len(rows) < ENOUGH:
        yield f"has {len(rows)} wrong versions, and should have {ENOUGH}"
    for one, other in itertools.combinations(rows, 2):
        if one.reports == other.reports:
            yield f"{one.version.name} and {other.version.name} report the same"


def print_matrix(module: str, stubs: Iterable[str]) -> tuple[int, int]:
    """Print the part of each stub. Returns how many mistakes nobody catches, and how many flags there are."""
    versions, missed, flagged = all_versions(module, "wrong"), 0, 0
    for stub in stubs:
        rows = [caught(version) for version in versions if first_change(version) == stub]
        many = {by: sum(row.by == by for row in rows) for by in ("visible", "hidden", "nobody")}
        told = ", ".join(f"{count} {by}" for by, count in many.items() if count)
        print(f"{module}/{stub}: {len(rows)} wrong versions, caught by: {told}", flush=True)
        print(*(row.row() for row in sorted(rows, key=lambda row: row.by == "hidden")), sep="\n")
        found = list(flags(rows))
        print(*(f"  FLAG: {flag}\n" for flag in found), sep="", end="")
        missed, flagged = missed + many["nobody"], flagged + len(found)
    return missed, flagged


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("module")
    parser.add_argument("stubs", nargs="*", metavar="STUB")
    asked = parser.parse_args()
    every = [str(grade_id(cell)) for cell in source_of(asked.module).notebook.cells if is_stub(cell)]
    missed, flagged = print_matrix(asked.module, asked.stubs or every)
    print(f"{missed} mistakes that nobody catches, {flagged} flags")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
