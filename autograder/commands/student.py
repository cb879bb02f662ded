"""tito student: all that the course keeps about one student."""

from collections.abc import Callable
from pathlib import Path

from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.kept import Kept, forget_all, kept, packed
from tito import targets
from tito.console import escape, say, table
from tito.workspace import UserError, Workspace


def export_student(student: str, to: Path | None) -> int:
    """Pack all that is kept about a student into a zip."""
    workspace = Workspace.find()
    path = targets.file_at(to or Path(f"{student}.zip"))
    with nbgrader_api(workspace) as api:
        found = _known(kept(api, workspace, student))
        targets.put(path, packed(found, workspace.root), private=True)
    tell = targets.teller(path)
    _show(workspace, found, tell)
    tell(escape(f"Wrote {path}"))
    return 0


def forget_student(student: str, sure: bool) -> int:
    """Remove all that is kept about a student; without `sure`, only show it, and end with 1."""
    workspace = Workspace.find()
    with nbgrader_api(workspace) as api:
        found = _known(kept(api, workspace, student))
        _show(workspace, found, say)
        if not sure:
            say(escape(f"Nothing was removed. To remove all of it for good: tito student forget {student} --yes"))
            return 1
        forget_all(api, workspace, found)
    say(escape(f"Removed. Back-ups, and zips that came from a learning-management system, may still hold {student}."))
    return 0


def _known(found: Kept) -> Kept:
    if not found:
        raise UserError(f"Nothing is kept about a student {found.student!r}.")
    return found


def _show(workspace: Workspace, found: Kept, tell: Callable[[object], None]) -> None:
    shown = table("where", "what")
    for path in [*found.folders, *found.files]:
        place = workspace.relative(path) if path.is_relative_to(workspace.root) else str(path)
        shown.add_row(escape(place), _how_many([one for one in path.rglob("*") if one.is_file()]))
    for name, rows in found.rows.items():
        shown.add_row(f"gradebook, {name}", f"{len(rows)} row{'s' * (len(rows) != 1)}")
    tell(shown)
    if found.mentions:
        places = ", ".join(map(workspace.relative, found.mentions))
        tell(escape(f"{found.student} also stands in files about several people, which stay as they are: {places}"))


def _how_many(inside: list[Path]) -> str:
    return f"{len(inside)} file{'s' * (len(inside) != 1)}" if inside else "the file"
