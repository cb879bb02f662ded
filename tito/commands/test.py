"""tito test: the notebook's checks, the export, and the tests of the exported package."""

from contextlib import nullcontext
from dataclasses import replace
from itertools import groupby

from tito import state, steps
from tito.console import console, escape, print_json, say
from tito.limits import ON_A_BUSY_MACHINE
from tito.pytests import PytestResult, run_tests
from tito.trial import Trial, try_module, why_incomplete
from tito.uses import modules_imported
from tito.workspace import UserError, Workspace

OK, FAILED, NOT_RUN = "[green]ok[/]     ", "[red]failed[/] ", "[dim]not run[/]"
INDENT = "\n" + " " * 10
SHOWN = 10  # test functions that failed


def test(module: str | None, all_cells: bool, json: bool) -> int:
    """Test one module, or all modules alone and then together. Returns the exit code."""
    workspace = Workspace.find()
    names = [workspace.module(module).name] if module else _present(workspace)
    trials = []
    for name in names:
        trial = _try(workspace, name, bool(module), all_cells, quiet=json)
        trials.append(trial)
        if not json:
            _show(workspace, trial)
        if trial.state == "run":
            state.remember(workspace, "tests", name, _summary(trial))
    integration = None if module else _integration(workspace, trials)
    passed = all(trial.ok for trial in trials) and (integration is None or integration.ok)
    if json:
        modules = [trial.json() for trial in trials]
        print_json({"passed": passed, "modules": modules, "integration": integration and integration.json()})
    else:
        _conclude(workspace, trials, integration)
    return 0 if passed else 1


def story(json: bool) -> int:
    """Run only the integration tests, on what is exported. Every module that they use must be complete."""
    workspace = Workspace.find()
    folder = workspace.tests / "integration"
    used = set().union(*map(modules_imported, folder.glob("test_*.py")))
    if not used:
        raise UserError("The modules of this course have no story together. Test them: python bin/tito.py test")
    missing = {name: why_incomplete(workspace, name) for name in workspace.course.modules if name in used}
    missing = {name: why for name, why in missing.items() if why}
    outcome = None if missing else run_tests(folder, workspace.root, _seconds(workspace))
    if json:
        print_json(
            {"passed": bool(outcome and outcome.ok), "missing": missing, "integration": outcome and outcome.json()}
        )
    elif outcome:
        _show_tests(outcome)
    else:
        for name, why in missing.items():
            say(f"{FAILED}  {name}: {escape(why)}")
        say(f"\n[red]The story needs every module to be complete.[/] Not yet: {', '.join(missing)}")
    return 0 if outcome and outcome.ok else 1


def _present(workspace):
    names = [name for name in workspace.course.modules if workspace.is_here(name)]
    if not names:
        raise UserError("No module is released here yet, so there is nothing to test.")
    return names


def _try(workspace, name, asked, all_cells, quiet):
    with nullcontext() if quiet else console().status(f"{name}: starting") as status:

        def progress(done, total):
            if status:
                status.update(f"{name}: cell {done + 1} of {total}")

        return try_module(workspace, name, asked, all_cells, progress)


def _integration(workspace, trials) -> PytestResult | None:
    """Run the integration tests whose modules all passed. Returns None where there is no such test."""
    folder, ready = workspace.tests / "integration", {trial.module for trial in trials if trial.ok}
    files = [path for path in sorted(folder.glob("test_*.py")) if modules_imported(path) <= ready]
    if not files:
        return None
    return run_tests(folder, workspace.root, _seconds(workspace), files)


def _seconds(workspace: Workspace) -> float:
    return ON_A_BUSY_MACHINE * workspace.course.limits_of().notebook_seconds


def _waiting_files(workspace, trials) -> list[tuple[str, list[str]]]:
    """The integration tests that can't be run yet, each with the modules that it waits for."""
    left = [trial.module for trial in trials if not trial.ok]
    files = sorted((workspace.tests / "integration").glob("test_*.py"))
    found = [(workspace.relative(path), [name for name in left if name in modules_imported(path)]) for path in files]
    return [(name, modules) for name, modules in found if modules]


def _summary(trial: Trial) -> dict:
    checks = [sum(check.ok for check in trial.checks), len(trial.checks)]
    return {"digest": trial.digest, "passed": trial.ok, "checks": checks, "seen": trial.seen, "points": trial.points}


def _show(workspace, trial):
    if trial.state == "not started":
        return
    row = workspace.course.modules[trial.module]
    say(f"\n[bold]Module {row.number}: {escape(row.title)}[/]")
    if trial.state == "rescued":
        say(f"{NOT_RUN}  your notebook: the published solution is installed (tito rescue)")
    for cell in trial.cells:
        cause = trial.causes.get(cell.name, cell.name)
        _show_cell(cell if cause == cell.name else replace(cell, message=f"uses {_asked(cause)}, which failed"))
    for note in trial.notes:
        say(f"[yellow]note[/]     {escape(note)}")
    for problem in trial.problems:
        say(f"{FAILED}  {escape(problem)}")
    if trial.state == "run" and trial.digest and not trial.problems:
        say(f"{OK}  {workspace.relative(workspace.export(trial.module))} is what the notebook exports")
    if trial.tests:
        _show_tests(trial.tests)
    elif trial.digest:
        say(f"{NOT_RUN}  the tests of the package wait for: {steps.TITO} sync --module {trial.module}")
    if trial.points and trial.state == "run":
        _show_points(trial)
    if trial.start:
        _show_start(trial)


def _show_points(trial):
    written = f"; {trial.written:g} more for written answers" if trial.written else ""
    empty = f" ({', '.join(trial.unanswered)} still empty)" if trial.unanswered else ""
    say(f"\nvisible checks passed for {trial.seen:g} of {trial.points:g} points{written}{escape(empty)}")
    say("hidden checks are run when your work is graded")


def _show_start(trial):
    """Where to start, and how many of the others wait for that."""
    uses = sum(cause == trial.start for cause in trial.causes.values()) - 1
    more = f" {uses} later check{' that failed uses' if uses == 1 else 's that failed use'} it." if uses else ""
    say(f"\n[bold]Start with {escape(_asked(trial.start))}.[/]{more}")


def _asked(check):
    """A check's name as people say it."""
    return check.removeprefix("check_")


def _show_cell(cell):
    points = f"  [dim]{cell.points:g} point{'s' * (cell.points != 1)}[/]" if cell.check else ""
    if cell.status == "explores":
        say(f"{NOT_RUN}  {escape(cell.name)}{INDENT}{escape(cell.message)}; your own cell costs no points")
    if cell.ok and cell.check:
        say(f"{OK}  {escape(cell.name)}{points}")
    if cell.ok:
        return
    mark = NOT_RUN if cell.status == "not run" else FAILED
    if cell.check or cell.status == "failed":
        say(f"{mark}  {escape(cell.name)}{points}{INDENT}{escape(_indent(cell.message))}")


def _indent(message):
    return INDENT.join(message.splitlines())


def _show_tests(tests):
    if [name for name, _ in tests.failures] == [tests.what]:
        say(f"{FAILED}  {escape(': '.join(tests.failures[0]))}")
        return
    words = {"failed": len(tests.failures), "waiting": sum(tests.waiting.values()), "skipped": tests.skipped}
    counts = [f"{tests.passed} passed", *(f"{count} {word}" for word, count in words.items() if count)]
    say(f"{OK if tests.ok else FAILED}  {tests.what}: {', '.join(counts)}")
    for line in [*tests.notes, *_waiting(tests.waiting), *_failed(tests.failures)]:
        say(f"{INDENT[1:]}{escape(_indent(line))}")


def _waiting(stubs):
    return [f"{stub}: not written yet, {n} test{'s wait' if n > 1 else ' waits'}" for stub, n in stubs.items()]


def _failed(failures):
    """One line for each test function that failed, at most SHOWN. Its parameters do not count."""
    groups = [list(cases) for _, cases in groupby(failures, lambda failure: failure[0].partition("[")[0])]
    lines = [f"{_cases(cases)}: {cases[0][1]}" for cases in groups[:SHOWN]]
    return [*lines, f"and {len(groups) - SHOWN} more test functions"] if len(groups) > SHOWN else lines


def _cases(cases):
    first, others = cases[0][0], len(cases) - 1
    return f"{first} and {others} more" if others else first


def _conclude(workspace, trials, integration):
    waiting = _waiting_files(workspace, trials) if len(trials) == len(workspace.course.modules) else []
    if integration or waiting:
        say("\n[bold]Integration[/]")
    if integration:
        _show_tests(integration)
    for name, modules in waiting:
        say(f"{NOT_RUN}  {name} waits for {', '.join(modules)}")
    idle = [trial.module for trial in trials if trial.state == "not started"]
    failed = [trial.module for trial in trials if not trial.ok and trial.module not in idle]
    failed += ["integration"] if integration and not integration.ok else []
    say()
    if failed:
        say(f"[red]Not passed yet:[/] {', '.join(failed)}")
    if idle:
        say(f"Not started yet: {', '.join(idle)}")
    if not failed:
        begun = "All that you began passed." if idle else "All passed."
        say(f"[green]{begun}[/] Next step: {escape(_next_step(workspace, trials))}")


def _next_step(workspace, trials):
    rows = [workspace.course.modules[trial.module] for trial in trials if trial.ok]
    return next(filter(None, (steps.after_tests(workspace, row) for row in rows)), f"{steps.TITO} info")
