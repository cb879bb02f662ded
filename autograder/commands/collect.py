"""tito collect: files from an LMS → submitted/."""

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from autograder.deadlines.deadlines import Deadlines
from autograder.gradebook.api import nbgrader_api
from autograder.intake.archives import listing
from autograder.intake.collect import UNSAID, Collection, FileRow
from autograder.intake.decisions import Decisions
from autograder.intake.roster import Roster, everybody
from autograder.intake.submitted import alone
from autograder.intake.times import When, when_by
from autograder.judging.source import Source
from tito.console import escape, print_json, progress_bar, say, table
from tito.workspace import UserError, Workspace


def collect(module: str, paths: list[Path], decided: Path | None, time: str | None, json: bool) -> int:
    """Fill submitted/ from `paths`, and show what became of each file.

    decided: the file of --map
    time: of --time, when those files came of which nothing says it
    """
    workspace = Workspace.find()
    source, otherwise = Source.of(workspace, module), _otherwise(time, workspace)
    place = decided and decided.resolve()  # before nbgrader changes the folder
    with ExitStack() as stack:
        entries = [entry for path in paths for entry in listing(path.resolve(), stack)]
        with alone(workspace, module), nbgrader_api(workspace) as api, api.gradebook as gradebook:
            roster = Roster.of(gradebook)
            decisions = Decisions.read(place, workspace, roster) if place else Decisions()
            collection = Collection(source, roster, Deadlines.of(workspace), decisions, otherwise)
            found = collection.sort(entries)
            collection.deadlines.allowed.refuse_unknown({*everybody(workspace, gradebook), *found})
            with progress_bar(f"collecting {module}", len(found)) as advance:
                for student, items in found.items():
                    collection.take(student, items)
                    advance()
    unused = [FileRow(f"{decided}, line {one.line}", "", _unused(one.meant), True) for one in decisions.unused()]
    rows = sorted([*collection.rows, *unused], key=lambda row: (row.trouble, row.path))
    if json:
        print_json([asdict(row) for row in rows])
    else:
        _show(module, rows, len(rows) - len(unused))
    return 1 if any(row.trouble for row in rows) else 0


def _otherwise(time: str | None, workspace: Workspace) -> When:
    try:
        return When() if time is None else when_by(time, workspace.course.zone)
    except ValueError as error:
        raise UserError(f"--time: {error}") from None


def _unused(meant: str) -> str:
    return f"no file lies at {meant!r}, and no system has this number for anybody"


def _show(module: str, rows: list[FileRow], count: int) -> None:
    shown = table("file", "student", "")
    for row in rows:
        text = f"[bold red]{escape(row.text)}[/]" if row.trouble else escape(row.text)
        shown.add_row(escape(row.path), escape(row.student), text)
    say(shown)
    taken = sum(row.text.startswith("taken") and row.text != "taken along" for row in rows)
    look = sum(row.trouble for row in rows)
    say(f"{count} files: {taken} submissions taken" + (f"; [bold red]{look} need a person[/]" if look else ""))
    if any(row.text == UNSAID for row in rows):
        say(escape(f"What people lay out themselves lies in STUDENT/{module}/; --map says whose a file is, too."))
