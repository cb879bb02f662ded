"""tito release: source → tinytorch_ref and release."""

import shutil
import tempfile
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path

from autograder import corrections
from autograder.source import Source
from autograder.stations import must, nbgrader
from tito.console import say, table
from tito.export import export
from tito.notebooks import is_check, is_manual
from tito.workspace import UserError, Workspace


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
    for change in corrections.follow(source, api.coursedir.db_url):
        say(f"{source.module}: {change}; submissions get it with the next tito grade {source.module}")
    with _kept_on_failure(source.workspace.root / "release" / source.module):
        must(api.generate_assignment(source.module, force=True, create=True), f"The release of {source.module}")
    due = source.workspace.course.modules[source.module].due
    due = due and due.astimezone(UTC).replace(tzinfo=None)  # as nbgrader keeps times
    with api.gradebook as gradebook:
        gradebook.update_or_create_assignment(source.module, duedate=due)


@contextmanager
def _kept_on_failure(folder: Path):
    """nbgrader removes the last release before it makes the next, and leaves nothing if that fails."""
    with tempfile.TemporaryDirectory() as aside:
        if folder.is_dir():
            shutil.copytree(folder, Path(aside) / "kept")
        try:
            yield
        except UserError:
            if (Path(aside) / "kept").is_dir():
                shutil.copytree(Path(aside) / "kept", folder, dirs_exist_ok=True)
            raise


def _points(source: Source) -> tuple[str, str, str]:
    cells = source.notebook.cells
    checked = [cell.metadata["nbgrader"]["points"] for cell in cells if is_check(cell)]
    by_hand = [cell.metadata["nbgrader"]["points"] for cell in cells if is_manual(cell)]
    return str(len(checked)), f"{sum(checked):g}", f"{sum(by_hand):g}"
