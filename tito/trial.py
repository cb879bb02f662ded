"""Trying one module: its notebook, its export and its package's tests, without printing anything."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tito import notebooks
from tito.export import is_rescued, make_package, render
from tito.pytests import Outcome, run_tests
from tito.run import Result, run
from tito.workspace import UserError, Workspace


@dataclass
class Trial:
    """A module's results. state: "run", "not started" or "rescued" (its notebook was not run)."""

    module: str
    state: str = "run"
    digest: str = ""
    cells: list[Result] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    tests: Outcome | None = None
    points: float = 0

    @property
    def checks(self) -> list[Result]:
        return [cell for cell in self.cells if cell.check]

    @property
    def seen(self) -> float:
        return sum(cell.points for cell in self.checks if cell.ok)

    @property
    def ok(self) -> bool:
        if self.state == "rescued":
            return self.tests.ok
        return self.state == "run" and not self.problems and all(cell.ok for cell in self.cells) and self.tests.ok

    def json(self) -> dict:
        return {
            "module": self.module,
            "passed": self.ok,
            "state": self.state,
            "points_seen": self.seen,
            "points": self.points,
            "problems": self.problems,
            "notes": self.notes,
            "cells": [cell.json() for cell in self.cells],
            "tests": self.tests.json() if self.tests else None,
        }


def try_module(workspace: Workspace, module: str, asked: bool, all_cells: bool, progress: Callable) -> Trial:
    """Everything that is known about a module without hidden checks.

    asked: whether this module was named; otherwise an untouched one is not run, nor a rescued one's notebook
    """
    trial = Trial(module)
    try:
        own = notebooks.of(workspace, module)
        pristine = notebooks.released(workspace, module)
    except UserError as error:
        trial.problems.append(str(error))
        trial.tests = Outcome("not run")
        return trial
    trial.digest = notebooks.digest(own)
    trial.points = sum(map(notebooks.points, filter(notebooks.is_check, (pristine or own)["cells"])))
    if not asked and is_rescued(workspace.export(module)):
        trial.state = "rescued"
    elif not asked and notebooks.untouched(workspace, module, own):
        trial.state = "not started"
        return trial
    make_package(workspace.package)
    with ThreadPoolExecutor(1) as pool:  # a notebook mostly waits for its kernel
        tests = pool.submit(_try_package, workspace, module)
        if trial.state == "run":
            _try_notebook(workspace, trial, own, pristine, all_cells, progress)
            _try_export(workspace, trial)
        trial.tests = tests.result()
    return trial


def _try_package(workspace, module):
    target, path = workspace.export(module), workspace.tests / f"test_{module}.py"
    if not target.is_file():
        what = workspace.relative(path)
        return Outcome(what, failures=[(what, f"not run, because {workspace.relative(target)} is missing")])
    return run_tests(path, workspace.root, workspace.course.limits_of(module)["notebook_seconds"])


def _try_notebook(workspace, trial, own, pristine, all_cells, progress):
    path = workspace.notebook(trial.module)
    if pristine is None:
        lost = workspace.relative(workspace.pristine(trial.module))
        trial.problems.append(f"{lost} is missing; bring it back with: git checkout -- .tito/released")
    else:
        _restore(own, pristine, trial)
    if not any(map(notebooks.is_check, own["cells"])):
        trial.problems.append("there is no check cell in this notebook")
    limits = workspace.course.limits_of(trial.module)
    trial.cells = run(own, path.parent, workspace.root, limits, all_cells, progress)


def _restore(own, pristine, trial):
    """Put the released text of locked cells back, as grading does; missing check cells are problems."""
    given = {notebooks.grade_id(cell): cell for cell in pristine["cells"] if _is_given(cell)}
    present = Counter(notebooks.grade_id(cell) for cell in own["cells"] if notebooks.grade_id(cell) in given)
    for cell in own["cells"]:
        name = notebooks.grade_id(cell)
        if name in given and cell["source"].strip() != given[name]["source"].strip():
            trial.notes.append(f"{name}: you changed this cell; its released text was run, as when it is graded")
        if name in given:
            cell.update(source=given[name]["source"], metadata=given[name]["metadata"], cell_type="code")
            cell.update(outputs=[], execution_count=None)
    for name, cell in given.items():
        if name not in present and notebooks.is_check(cell):
            trial.problems.append(f"{name} is missing from the notebook")
    doubles = [name for name, times in present.items() if times > 1]
    trial.problems += [f"{name} is there more than once; delete the copies" for name in doubles]


def _is_given(cell):
    return notebooks.is_check(cell) or notebooks.is_locked(cell)


def _try_export(workspace, trial):
    notebook, target = workspace.notebook(trial.module), workspace.export(trial.module)
    again = f"run: python bin/tito.py sync --module {trial.module}"
    if not target.is_file():
        return trial.problems.append(f"{workspace.relative(target)} is missing; {again}")
    if is_rescued(target):
        return trial.problems.append(f"the published solution is installed, not your own; for yours, {again}")
    try:
        text = render(notebook, trial.module, workspace.relative(notebook))
    except UserError as error:
        return trial.problems.append(str(error))
    if text.encode() != target.read_bytes():
        trial.problems.append(f"{workspace.relative(target)} is not what the notebook exports now; {again}")
