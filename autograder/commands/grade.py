"""tito grade: submitted → autograded and gradebook."""

from collections import Counter
from dataclasses import asdict

from autograder.engine import sandbox
from autograder.engine.pool import Options
from autograder.grading.pipeline import Graded, Selection, grade_module
from autograder.judging.source import Source
from tito.console import escape, print_json, progress_bar, say, table
from tito.workspace import UserError, Workspace


def grade(modules: list[str], which: Selection, options: Options, json: bool, all_rows: bool = False) -> int:
    """Grade submissions, and show what is new, or all results. Raises UserError for an unknown module or cell."""
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules]
    for name in which.only - {name for source in sources for name in source.check_cells}:
        raise UserError(f"{' and '.join(modules)}: no graded cell is called {name}.")
    results = [row for source in sources for row in grade_module(source, which, options, _progress)]
    if json:
        print_json([asdict(result) for result in results])
    else:
        _show(results, all_rows or which.students is not None)
        _say_what_is_open(options)
    return 1 if any(result.trouble for result in results) else 0


def _progress(module: str, total: int):
    return progress_bar(f"grading {module}", total)


def _said(row: Graded) -> str:
    if row.trouble:
        return "; ".join([*row.notes, row.trouble]) if row.changes else f"not graded: {row.trouble}"
    return "; ".join(["unchanged"] * row.unchanged + row.notes)


def _show(results: list[Graded], all_rows: bool) -> None:
    """Show a row for each result that is new or has something to say, and count the others."""
    shown, still = [], Counter()
    for row in results:
        if all_rows or row.notes or row.trouble or not row.unchanged:
            shown.append(row)
        else:
            still[row.module] += 1
    if shown:
        say(_table(shown))
    for module, count in still.items():
        say(f"{module}: {count} unchanged; with their scores: tito grade {module} --all")
    for module, students in Counter(row.module for row in results if row.by_hand).items():
        say(f"{module}: answers of {students} student{'s' * (students != 1)} wait for a person: tito mark {module}")


def _table(results: list[Graded]):
    shown = table("module", "student", "score", "to be graded by a person", "")
    for row in results:
        score = "" if row.score is None else f"{row.score:g} / {row.max_score:g}"
        by_hand = f"{row.by_hand:g} points" if row.by_hand else ""
        shown.add_row(row.module, escape(row.student), score, by_hand, escape(_said(row)))
    return shown


def _say_what_is_open(options: Options) -> None:
    if not options.isolated:
        say("[bold red]Submissions ran without isolation:[/] they could do whatever you can.")
    elif not options.scheduler and sandbox.absent():
        lacking = escape(sandbox.lacking())
        say(f"[yellow]This machine lacks some protections from a hostile submission[/] ({lacking}).")
