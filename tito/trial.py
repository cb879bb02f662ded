"""Trying one module: its notebook, its export and the tests of its package. Nothing here prints."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tito import notebooks
from tito.export import is_rescued, make_package, render
from tito.limits import ON_A_BUSY_MACHINE
from tito.pytests import PytestResult, run_tests
from tito.run import CellResult, run_notebook
from tito.uses import answers_used, first_causes, not_begun
from tito.workspace import UserError, Workspace


@dataclass
class Trial:
    """A module's results. state: "run", "not started" or "rescued" (its notebook was not run).

    points, written: of the check cells, and of the answers that a person reads
    unanswered: names of the answers that are still empty
    causes: check that failed → the earlier check that failed whose answer it uses, or itself
    tests: None where the package is not what the notebook exports
    """

    module: str
    state: str = "run"
    digest: str = ""
    cells: list[CellResult] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    causes: dict[str, str] = field(default_factory=dict)
    tests: PytestResult | None = None
    points: float = 0
    written: float = 0
    unanswered: list[str] = field(default_factory=list)

    @property
    def checks(self) -> list[CellResult]:
        """The results of the check cells."""
        return [cell for cell in self.cells if cell.check]

    @property
    def seen(self) -> float:
        """The points whose visible checks passed."""
        return sum(cell.points for cell in self.checks if cell.ok)

    @property
    def start(self) -> str | None:
        """The check to start with: the first that failed by itself."""
        return next(iter(self.causes.values()), None)

    @property
    def ok(self) -> bool:
        """Whether every cell and every test passed, and nothing else is wrong."""
        return not self.problems and all(cell.ok for cell in self.cells) and bool(self.tests and self.tests.ok)

    def json(self) -> dict:
        """The results for programs."""
        return {
            "module": self.module,
            "passed": self.ok,
            "state": self.state,
            "points_seen": self.seen,
            "points": self.points,
            "points_for_answers": self.written,
            "unanswered": self.unanswered,
            "problems": self.problems,
            "notes": self.notes,
            "start_with": self.start,
            "causes": self.causes,
            "cells": [cell.json() for cell in self.cells],
            "tests": self.tests.json() if self.tests else None,
        }


def try_module(workspace: Workspace, module: str, asked: bool, all_cells: bool, progress: Callable) -> Trial:
    """Find out all that can be known about a module without hidden checks.

    asked: whether the user named this module; otherwise an untouched or rescued notebook is not run
    """
    trial = Trial(module)
    try:
        own = notebooks.of(workspace, module)
        pristine = notebooks.released(workspace, module)
    except UserError as error:
        trial.problems.append(str(error))
        return trial
    trial.digest, trial.unanswered = notebooks.digest(own), notebooks.empty_answers(own)
    trial.points, trial.written = notebooks.total(pristine or own)
    if not asked and is_rescued(workspace.export(module)):
        trial.state = "rescued"
    elif not asked and notebooks.untouched(workspace, module, own):
        trial.state = "not started"
        return trial
    make_package(workspace.package)
    with ThreadPoolExecutor(1) as pool:  # both at a time, because a notebook mostly waits for its kernel
        package = pool.submit(_try_package, workspace, module, trial.state)
        if trial.state == "run":
            _try_notebook(workspace, trial, own, pristine, all_cells, progress)
        stale, trial.tests = package.result()
    trial.problems += [stale] if stale else []
    return trial


def _try_package(workspace, module, state):
    """What is wrong with the export, "" for nothing, and the result of its tests, which run only on a right export."""
    stale = _stale(workspace, module) if state == "run" else ""
    if stale:
        return stale, None
    seconds = ON_A_BUSY_MACHINE * workspace.course.limits_of(module).notebook_seconds
    return "", run_tests(workspace.tests / f"test_{module}.py", workspace.root, seconds)


def _try_notebook(workspace, trial, own, pristine, all_cells, progress):
    path, shown = workspace.notebook(trial.module), workspace.relative(workspace.pristine(trial.module))
    if pristine is None:
        trial.problems.append(f"{shown} is missing; bring it back with: git checkout -- .tito/released")
    else:
        _restore(own, pristine, trial, shown)
    if not any(map(notebooks.is_check, own["cells"])):
        trial.problems.append("there is no check cell in this notebook")
    limits = workspace.course.limits_of(trial.module)
    trial.cells = run_notebook(own, path.parent, workspace.root, limits, all_cells, progress)
    failed = [cell.name for cell in trial.checks if cell.status == "failed"]
    trial.causes = first_causes(failed, answers_used(*filter(None, [pristine, own])), not_begun(own))


def _restore(own, pristine, trial, shown):
    """Put the released text of locked cells back, as grading does. A cell of these that is missing is a problem."""
    given = {notebooks.grade_id(cell): cell for cell in pristine["cells"] if _is_given(cell)}
    present = Counter(notebooks.grade_id(cell) for cell in own["cells"] if notebooks.grade_id(cell) in given)
    for cell in own["cells"]:
        name = notebooks.grade_id(cell)
        if name in given and cell["source"].strip() != given[name]["source"].strip():
            trial.notes.append(f"{name}: you changed this cell; its released text was run, as when it is graded")
        if name in given:
            cell.update(source=given[name]["source"], metadata=given[name]["metadata"], cell_type="code")
            cell.update(outputs=[], execution_count=None)
    lost = [name for name in given if name not in present]
    trial.problems += [f"{name} is missing from the notebook; copy it from {shown}" for name in lost]
    doubles = [name for name, times in present.items() if times > 1]
    trial.problems += [f"{name} is there more than once; delete the copies" for name in doubles]


def _is_given(cell):
    return notebooks.is_check(cell) or notebooks.is_locked(cell)


def why_incomplete(workspace: Workspace, module: str) -> str:
    """Why a module can't be used with the others yet; "" where it can. Runs nothing."""
    if is_rescued(workspace.export(module)):
        return ""
    try:
        workspace.module(module)
        own = notebooks.of(workspace, module)
        if notebooks.untouched(workspace, module, own):
            return "not started"
    except UserError as error:
        return str(error)
    empty, stubs = notebooks.empty_stubs(own), notebooks.stubs(own)
    return f"{len(empty)} of {len(stubs)} stubs are still empty" if empty else _stale(workspace, module)


def _stale(workspace, module):
    """Why the package's file is not what the notebook exports; "" where it is."""
    notebook, target = workspace.notebook(module), workspace.export(module)
    again = f"run: python bin/tito.py sync --module {module}"
    if not target.is_file():
        return f"{workspace.relative(target)} is missing; {again}"
    if is_rescued(target):
        return f"the published solution is installed, not your own; for yours, {again}"
    try:
        text = render(notebook, module, workspace.relative(notebook))
    except UserError as error:
        return str(error)
    fresh = text.encode() == target.read_bytes()
    return "" if fresh else f"{workspace.relative(target)} is not what the notebook exports now; {again}"
