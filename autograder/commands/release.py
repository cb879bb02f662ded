"""tito release: source → tinytorch_ref and release."""

from autograder.gradebook.api import nbgrader_api
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.console import say, table
from tito.notebooks import is_check, is_manual
from tito.workspace import Workspace


def release(modules: list[str] | None) -> int:
    """Release modules, or again all that are released."""
    workspace = Workspace.find()
    names = modules or workspace.released()
    sources = [Source.of(workspace, name) for name in names]
    shown = table("module", "graded cells", "points", "graded by a person", "student version")
    with nbgrader_api(workspace) as api:
        for source in sources:
            for change in release_one(api, source):
                say(f"{source.module}: {change}; submissions get it with the next tito grade {source.module}")
            shown.add_row(source.module, *_points(source), f"release/{source.module}/")
    say(shown)
    return 0


def _points(source: Source) -> tuple[str, str, str]:
    cells = source.notebook.cells
    checked = [cell.metadata["nbgrader"]["points"] for cell in cells if is_check(cell)]
    by_hand = [cell.metadata["nbgrader"]["points"] for cell in cells if is_manual(cell)]
    return str(len(checked)), f"{sum(checked):g}", f"{sum(by_hand):g}"
