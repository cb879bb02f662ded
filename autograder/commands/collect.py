"""tito collect: files from an LMS → submitted/."""

from dataclasses import asdict
from pathlib import Path

from autograder.deadlines.deadlines import Deadlines
from autograder.gradebook.api import nbgrader_api
from autograder.intake.archives import files_in
from autograder.intake.collect import Collection
from autograder.intake.roster import Roster, everybody
from autograder.judging.source import Source
from tito.console import escape, print_json, say, table
from tito.workspace import Workspace


def collect(module: str, paths: list[Path], json: bool) -> int:
    """Fill submitted/ from `paths`, and show what became of each file."""
    workspace = Workspace.find()
    source = Source.of(workspace, module)
    files = [file for path in paths for file in files_in(path.resolve())]
    with nbgrader_api(workspace) as api, api.gradebook as gradebook:
        collection = Collection(source, Roster.of(gradebook), Deadlines.of(workspace))
        ranked = collection.sort(files)
        collection.deadlines.allowed.refuse_unknown({*everybody(workspace, gradebook), *ranked, *collection.doubts})
        collection.lay(ranked)
    rows = sorted(collection.rows, key=lambda row: (row.trouble, row.path))
    if json:
        print_json([asdict(row) for row in rows])
    else:
        _show(rows, len(files))
    return 1 if any(row.trouble for row in rows) else 0


def _show(rows: list, count: int) -> None:
    shown = table("file", "student", "")
    for row in rows:
        text = f"[bold red]{escape(row.text)}[/]" if row.trouble else escape(row.text)
        shown.add_row(escape(row.path), escape(row.student), text)
    say(shown)
    taken = sum(row.text.startswith("taken") and row.text != "taken along" for row in rows)
    look = sum(row.trouble for row in rows)
    say(f"{count} files: {taken} submissions taken" + (f"; [bold red]{look} need a person[/]" if look else ""))
