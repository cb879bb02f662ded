"""tito release: source → tinytorch_ref and release."""

from autograder.source import Source
from autograder.stations import must, nbgrader
from tito.console import say, table
from tito.export import export
from tito.notebooks import is_check, is_manual
from tito.workspace import Workspace


def release(modules: list[str] | None) -> int:
    workspace = Workspace.find()
    names = modules or workspace.released()
    sources = [Source.of(workspace, name) for name in names]
    shown = table("module", "graded cells", "points", "graded by a person", "student version")
    with nbgrader(workspace) as api:
        for source in sources:
            release_one(api, source)
            shown.add_row(source.module, *_points(source), f"release/{source.module}/{source.path.name}")
    say(shown)
    return 0


def release_one(api, source: Source) -> None:
    """Export one module and let nbgrader make its student version. Raises UserError if either fails."""
    export(
        source.path, source.workspace.export(source.module), source.path.relative_to(source.workspace.root).as_posix()
    )
    must(api.generate_assignment(source.module, force=True, create=True), f"The release of {source.module}")
    due = source.workspace.course.modules[source.module].due
    with api.gradebook as gradebook:
        gradebook.update_or_create_assignment(source.module, duedate=due)


def _points(source: Source) -> tuple[str, str, str]:
    cells = source.notebook.cells
    checked = [cell.metadata["nbgrader"]["points"] for cell in cells if is_check(cell)]
    by_hand = [cell.metadata["nbgrader"]["points"] for cell in cells if is_manual(cell)]
    return str(len(checked)), f"{sum(checked):g}", f"{sum(by_hand):g}"
