"""Attackers on modules with threads, compilers and event loops: a release with an attack earns nothing, half a solution
gains nothing by one, and what an attack read of hidden checks reaches no page."""

import ast
import functools
import re
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell
from versions import SEEDS, released, source_of

from autograder.engine.execute import execute
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.jobs import job_of
from autograder.judging.judge import judge
from autograder.judging.source import HIDDEN, inside, without
from autograder.judging.step import PUBLIC, words_of
from tito.notebooks import grade_id, is_solution

ATTACKS, MODULES = Path(__file__).with_name("attacks"), ("data", "kernels", "mlops")
OFTEN = {("data", "everywhere"), *((module, module) for module in MODULES)}


@functools.cache
def attacks(kind: str) -> dict[str, str]:
    """name → text of a cell, of the attacks in a file."""
    _, *blocks = re.split(r"(?m)^# %% *", (ATTACKS / f"{kind}.py").read_text(encoding="utf-8"))
    return {name.strip(): text.strip("\n") for name, _, text in (block.partition("\n") for block in blocks)}


def pytest_generate_tests(metafunc):
    """With --thorough every attack on each module, on a release and on half a solution, asked by all checks.

    Else every second one, on one of both, asked by a third of the checks; those that may meet any module in the
    quickest one. tests/autograder/engine has all that attack the engine.
    """
    if "attack" in metafunc.fixturenames:
        thorough, found = metafunc.config.getoption("thorough"), []
        for module, kind in [(m, kind) for m in MODULES for kind in ("everywhere", m)]:
            names = list(attacks(kind))[:: 1 if thorough else 2]
            for name in names if thorough or (module, kind) in OFTEN else ():
                number = zlib.crc32(name.encode())
                forms = (False, True) if thorough else (number % 2 == 0,)
                found += [(module, solved, kind, name, range(3) if thorough else [number % 3]) for solved in forms]
        ids = [f"{module}-{('release', 'half')[solved]}-{name}" for module, solved, _, name, _ in found]
        metafunc.parametrize(("module", "solved", "kind", "attack", "thirds"), found, ids=ids)


def stubs_of(module: str, solved: bool) -> dict[str, bool]:
    """grade_id of a stub → whether it is solved: every second one if `solved`."""
    cells = [cell for cell in source_of(module).notebook.cells if cell.cell_type == "code" and is_solution(cell)]
    return {str(grade_id(cell)): solved and number % 2 == 0 for number, cell in enumerate(cells)}


def handed_in(module: str, solved: bool, attack: str):
    """A release with an attack after its first cells, and with the stubs that are to be solved."""
    source, stubs = source_of(module), stubs_of(module, solved)
    notebook, whole = released(source), source.named_cells
    for cell in notebook.cells:
        name = grade_id(cell)
        if stubs.get(name):
            cell.source = whole[name].source
        elif name in stubs and "UNWRITTEN" in attack:
            defined = [node.name for node in ast.parse(whole[name].source).body if hasattr(node, "name")]
            cell.source += f"\n\nUNWRITTEN(globals(), {defined!r})"
    at = next(index for index, cell in enumerate(notebook.cells) if grade_id(cell) == "notebook_imports")
    notebook.cells.insert(at + 1, new_code_cell(attack))
    return notebook


def may_earn(module: str, solved: bool) -> set[str]:
    """The checks that come after a stub that is solved."""
    source, stubs, last, found = source_of(module), stubs_of(module, solved), False, set()
    for name in source.named_cells:
        last = stubs.get(name, last)
        found |= {name} if last and name in source.check_cells else set()
    return found


def graded(module: str, solved: bool, attack: str = "", thirds=range(3)) -> tuple[set[str], str]:
    """The checks that earned points, of those that are asked, and all that a page could show of the run."""
    source = source_of(module)
    notebook, _ = mend(handed_in(module, solved, attack), source)
    asked = {name for number, name in enumerate(source.check_cells) if number % 3 in thirds}

    def reported(seed: int, hidden: bool):
        job = job_of(notebook, source, seed, source.files, hidden)
        cells = tuple(cell for cell in job.cells if not cell[1] or cell[0] in asked)
        return execute(replace(job, cells=cells, limits=replace(job.limits, cell_seconds=4)))

    run, wanted, words = reported(SEEDS[0], hidden=True), expected(source, SEEDS[0]).emissions, None
    if "READ" in attack:  # a page quotes a run that has no hidden text
        words = words_of(reported(PUBLIC, hidden=False), expected(source, PUBLIC).emissions)
    judged = judge(source, wanted, run.emissions, run.problems, words)
    said = [text for one in judged for line in one.lines for text in (line.got, line.reason) if text]
    return {one.grade_id for one in judged if one.earned}, " ".join([*said, *run.notes, *run.problems.values()])


@functools.cache
def secrets_of(module: str) -> set[str]:
    """Long words that stand in hidden text alone."""
    source = source_of(module)
    shown = "\n".join(without(cell.source, HIDDEN) for cell in source.notebook.cells)
    words = {
        word for cell in source.check_cells.values() for word in re.findall(r"\w{9,}", inside(cell.source, HIDDEN))
    }
    return {word for word in words if word not in shown}


@pytest.mark.needs("files")
@pytest.mark.parametrize("module", MODULES)
def test_half_a_solution_earns_points_without_an_attack(module):
    """Else nobody would see what an attack is worth."""
    earned, _ = graded(module, True)
    assert earned
    assert earned <= may_earn(module, True)


@pytest.mark.needs("files")
def test_an_attack_gains_nothing(module, solved, kind, attack, thirds, tmp_path):
    text = attacks(kind)[attack].replace("{CANARY}", str(tmp_path / "canary"))
    earned, said = graded(module, solved, text, thirds)
    assert earned <= may_earn(module, solved)
    assert [word for word in secrets_of(module) if word in said] == []
    assert not (tmp_path / "canary").exists()
