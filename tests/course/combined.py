"""Several mistakes at once, and half-done notebooks: each loses exactly its own questions.

    python tests/course/combined.py [--many N]

grades N combinations of two to five wrong versions of a module, every other one within a right version that is written
differently, and N notebooks in which about half of the stubs are as released; under three seeds in turn. It prints a
row for each that loses anything else.
"""

import argparse
import itertools
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from mistakes import own_checks
from versions import SEEDS, WORKSPACE, all_versions, judged, losers, must_lose, source_of

from autograder.demo.versions import Version, with_cells
from tito.notebooks import grade_id, is_stub


@dataclass(frozen=True)
class Case:
    """A notebook of a module, by the texts of its stubs.

    due: the checks that it must lose
    may: those that ask about a lost answer once more; the course's answer to that one may not earn them
    """

    module: str
    name: str
    seed: int
    cells: dict[str, str]
    due: frozenset[str]
    may: frozenset[str] = frozenset()

    def lost(self) -> set[str]:
        """The checks that it loses."""
        source = source_of(self.module)
        return losers(judged(with_cells(source.notebook, source, self.cells), source, self.seed))

    def wrong(self, lost: set[str]) -> str:
        """What is wrong with these losses; "" for nothing."""
        found = {"unduly": lost - self.due - self.may, "not": self.due - lost}
        return "; ".join(f"{how} lost: {' '.join(sorted(names))}" for how, names in found.items() if names)


def cases(many: int) -> Iterator[Case]:
    """`many` of either kind, module by module, always the same."""
    for number, module, seed in zip(range(many), itertools.cycle(WORKSPACE.released()), itertools.cycle(SEEDS)):
        chance = random.Random(number)
        yield combination(module, seed, chance, differently=number % 2 == 1)
        yield half_done(module, seed, chance)


def combination(module: str, seed: int, chance: random.Random, differently: bool) -> Case:
    """Two to five wrong versions at once. differently: whether a right version has the other stubs"""
    wrong, chosen = all_versions(module, "wrong"), []
    chance.shuffle(wrong)
    many, touched = chance.randint(2, 5), set()
    for version in wrong:
        if len(chosen) < many and not _stubs(version) & touched:
            chosen.append(version)
            touched |= _stubs(version)
    other = chance.choice(all_versions(module, "right")).cells if differently else {}
    cells = {name: text for name, text in other.items() if name.partition(".")[0] not in touched}
    for version in chosen:
        cells |= version.cells
    due = frozenset(name for version in chosen for name in must_lose(version))
    may = own_checks(source_of(module), touched) - due
    return Case(module, " + ".join(version.name for version in chosen), seed, cells, due, may)


def _stubs(version: Version) -> set[str]:
    return {name.partition(".")[0] for name in version.cells}


def half_done(module: str, seed: int, chance: random.Random) -> Case:
    """A notebook in which about half of the stubs are as released."""
    source = source_of(module)
    stubs = [cell for cell in source.notebook.cells if is_stub(cell)]
    blank = {str(grade_id(cell)): source.released_texts[cell.id] for cell in stubs if chance.random() < 0.5}
    return Case(module, "half done", seed, blank, own_checks(source, set(blank)))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--many", type=int, default=60, help="how many of either kind")
    found, bad = list(cases(parser.parse_args().many)), 0
    with ThreadPoolExecutor(2) as pool:
        for case, lost in zip(found, pool.map(Case.lost, found), strict=True):
            if wrong := case.wrong(lost):
                bad += 1
                print(f"{case.module}, seed {case.seed}: {case.name}: {wrong}", flush=True)
    print(f"{len(found)} notebooks, {bad} lose anything but their own questions")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
