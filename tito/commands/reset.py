"""tito reset: start a module again from the released notebook."""

from tito import editors, files
from tito.console import escape, say
from tito.workspace import UserError, Workspace


def reset(module: str) -> int:
    """Put the released notebook back, and keep the student's as a backup. Returns the exit code."""
    workspace = Workspace.find()
    workspace.students_module(module, "reset")
    pristine, notebook = workspace.pristine(module), workspace.notebook(module)
    if not pristine.is_file():
        known = f"no {workspace.relative(pristine)} here"
        raise UserError(f"There is no released notebook of module {module} to go back to: {known}.")
    if notebook.is_dir():
        raise UserError(
            f"{workspace.relative(notebook)} is a folder. Move it away, and reset again. Nothing was changed."
        )
    fresh = pristine.read_bytes()
    if notebook.is_file() and notebook.read_bytes() == fresh:
        say(f"{workspace.relative(notebook)} is as it was released already.")
        return 0
    saved = {notebook: notebook.stat().st_mtime} if notebook.is_file() else {}
    if saved:
        kept = files.keep(notebook, files.backup_name(notebook))
        say(f"Your notebook is kept as {escape(workspace.relative(kept))}")
        say(f"Back to yours: python bin/tito.py restore {escape(kept.name)}")
    files.write(notebook, fresh)
    say(f"{workspace.relative(notebook)} is as it was released.")
    for advice in editors.advice(workspace, saved):
        say(f"[yellow]{escape(advice)}[/]")
    return 0
