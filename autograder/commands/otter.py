"""tito otter: the second grader. `build` makes what it needs, `check` compares it with the first."""

from concurrent.futures import Future
from pathlib import Path

from autograder.engine import sandbox
from autograder.gradebook import record
from autograder.gradebook.api import nbgrader_api
from autograder.judging.gradable import refuse_ungradable
from autograder.judging.source import Source
from autograder.otter.build import build_otter
from autograder.otter.parity import Compared, Graders, graders, workers
from tito.console import escape, print_json, say, table
from tito.workspace import UserError, Workspace


def build(modules: list[str] | None) -> int:
    """Make dist/otter/<module> for modules, or for all that are released."""
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules or workspace.released()]
    with nbgrader_api(workspace) as api:
        for source in sources:
            say(f"{workspace.relative(build_otter(source, api.coursedir.db_url))}: autograder.zip and student/")
    return 0


def check(modules: list[str], folder: Path | None, jobs: int | None, json: bool) -> int:
    """Grade the submissions in `folder` (submitted/ by default) both ways, and show the differences."""
    workspace = Workspace.find()
    sources = [Source.of(workspace, name) for name in modules]
    sandbox.refuse_if_open()
    rows = _grade_all(workspace, sources, (folder or workspace.root / "submitted").resolve(), jobs)
    if json:
        print_json([row.to_dict() for row in rows])
    else:
        show_comparison(rows)
    return 1 if any(row.wrong for row in rows) else 0


def _grade_all(workspace: Workspace, sources: list[Source], folder: Path, jobs: int | None) -> list[Compared]:
    with nbgrader_api(workspace) as api:
        db_url = api.coursedir.db_url
    with workers(jobs) as pool, graders(pool, jobs) as grade:
        waiting = [future for source in sources for future in _hand_in(source, db_url, folder, grade)]
        return [future.result() for future in waiting]


def _hand_in(source: Source, db_url: str, folder: Path, grade: Graders) -> list[Future]:
    """Have the submissions of a module graded. Raises UserError if that can't be done, or if there are none."""
    record.refuse_if_changed(source, db_url)
    seed = record.seed_of(db_url, source.module, source.version)
    refuse_ungradable(source, seed)
    submissions = sorted(folder.glob(f"*/{source.module}"))
    if not submissions:
        raise UserError(f"No submission of {source.module} in {folder}/<student>/{source.module}/.")
    return [grade(source, seed, path.parent.name, path) for path in submissions]


def show_comparison(rows: list[Compared]) -> None:
    """A line for each submission, and one more for each graded cell that got two scores."""
    shown = table("module", "student", "nbgrader", "otter", "seconds", "")
    for row in rows:
        words = "[bold red]DIFFERENT[/]" if row.wrong else "equal" if row.equal else "known difference"
        shown.add_row(
            row.module, escape(row.student), _score(row.nbgrader), _score(row.otter), f"{row.seconds:.1f}", words
        )
        if not row.equal and (row.said or row.hostile):
            shown.add_row("", f"  {escape(row.said or row.hostile)}")
        for name, (one, other) in row.differences.items():
            shown.add_row("", f"  {name}", f"{one:g}", f"{other:g}", "", "")
    say(shown)
    wrong, known = sum(row.wrong for row in rows), sum(bool(row.hostile) and not row.equal for row in rows)
    cells = sum(len(row.otter or {}) for row in rows)
    say(f"{len(rows)} submissions, {cells} graded cells; scored differently: {wrong}, known to differ: {known}")


def _score(cells: dict | None) -> str:
    return "not graded" if cells is None else f"{sum(cells.values()):g}"
