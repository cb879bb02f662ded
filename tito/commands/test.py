"""tito test: the notebook's checks, the export, and the tests of the exported package."""

from contextlib import nullcontext

from tito import state
from tito.console import console, escape, print_json, say
from tito.pytests import Outcome, run_tests
from tito.trial import Trial, try_module
from tito.workspace import UserError, Workspace

OK, FAILED, NOT_RUN = "[green]ok[/]     ", "[red]failed[/] ", "[dim]not run[/]"
INDENT = "\n" + " " * 10


def test(module: str | None, all_cells: bool, json: bool) -> int:
    workspace = Workspace.find()
    names = [workspace.module(module).name] if module else _present(workspace)
    trials = []
    for name in names:
        trial = _try(workspace, name, bool(module), all_cells, quiet=json)
        trials.append(trial)
        if trial.state == "run":
            state.remember(workspace, "tests", name, _summary(trial))
        if not json:
            _show(workspace, trial)
    integration = None if module else _integration(workspace)
    passed = all(trial.ok for trial in trials) and (integration is None or integration.ok)
    if json:
        modules = [trial.json() for trial in trials]
        print_json({"passed": passed, "modules": modules, "integration": integration and integration.json()})
    else:
        _conclude(workspace, trials, integration, passed)
    return 0 if passed else 1


def _present(workspace):
    names = [name for name in workspace.course.modules if (workspace.modules / name).is_dir()]
    if not names:
        raise UserError("No module is released here yet, so there is nothing to test.")
    return names


def _try(workspace, name, asked, all_cells, quiet):
    with nullcontext() if quiet else console().status(f"{name}: starting") as status:

        def progress(done, total):
            if status:
                status.update(f"{name}: cell {done + 1} of {total}")

        return try_module(workspace, name, asked, all_cells, progress)


def _integration(workspace) -> Outcome | None:
    folder = workspace.tests / "integration"
    if not folder.is_dir():
        return None
    return run_tests(folder, workspace.root, workspace.course.limits["notebook_seconds"])


def _summary(trial: Trial) -> dict:
    checks = [sum(check.ok for check in trial.checks), len(trial.checks)]
    return {"digest": trial.digest, "passed": trial.ok, "checks": checks, "seen": trial.seen, "points": trial.points}


def _show(workspace, trial):
    row = workspace.course.modules[trial.module]
    say(f"\n[bold]Module {row.number}: {escape(row.title)}[/]")
    if trial.state == "not started":
        say(f"{NOT_RUN}  not started; begin with {workspace.relative(workspace.notebook(trial.module))}")
        return
    if trial.state == "rescued":
        say(f"{NOT_RUN}  your notebook: the published solution is installed (tito rescue)")
    for cell in trial.cells:
        _show_cell(cell)
    for note in trial.notes:
        say(f"[yellow]note[/]     {escape(note)}")
    for problem in trial.problems:
        say(f"{FAILED}  {escape(problem)}")
    if trial.state == "run" and trial.digest and not trial.problems:
        say(f"{OK}  {workspace.relative(workspace.export(trial.module))} is what the notebook exports")
    if trial.tests.what != "not run":
        _show_tests(trial.tests)
    if trial.points and trial.state == "run":
        seen = f"{trial.seen:g} of {trial.points:g} points seen"
        say(f"\nvisible checks: {seen}; hidden checks are run when your work is graded")


def _show_cell(cell):
    points = f"  [dim]{cell.points:g} point{'s' * (cell.points != 1)}[/]" if cell.check else ""
    if cell.ok and cell.check:
        say(f"{OK}  {escape(cell.name)}{points}")
    if cell.ok:
        return
    mark = NOT_RUN if cell.status == "not run" else FAILED
    if cell.check or cell.status == "failed":
        say(f"{mark}  {escape(cell.name)} (cell {cell.cell}){points}{INDENT}{escape(_indent(cell.message))}")


def _indent(message):
    return INDENT.join(message.splitlines())


def _show_tests(tests):
    skipped = f", {tests.skipped} skipped" if tests.skipped else ""
    if tests.ok:
        say(f"{OK}  {tests.what}: {tests.passed} passed{skipped}")
        return
    if [name for name, _ in tests.failures] == [tests.what]:
        say(f"{FAILED}  {escape(': '.join(tests.failures[0]))}")
        return
    say(f"{FAILED}  {tests.what}: {tests.passed} passed, {len(tests.failures)} failed{skipped}")
    for name, message in tests.failures[:10]:
        say(f"{INDENT[1:]}{escape(name)}: {escape(_indent(message))}")


def _conclude(workspace, trials, integration, passed):
    if integration:
        say("\n[bold]Integration[/]")
        _show_tests(integration)
    if not passed:
        failed = [trial.module for trial in trials if not trial.ok]
        say(f"\n[red]Not passed yet:[/] {', '.join(failed or ['integration'])}")
        return
    say("\n[green]All passed.[/] Next step: python bin/tito.py info")
