"""tito rescue: go on with a module's solution, once it is published."""

from tito import files
from tito.console import escape, say
from tito.export import RESCUED, is_rescued, make_package
from tito.workspace import UserError, Workspace


def rescue(module: str) -> int:
    """Install the published solution of a module. Returns the exit code."""
    workspace = Workspace.find()
    workspace.students_module(module, "rescue")
    published, target = workspace.root / "published" / f"{module}.py", workspace.export(module)
    if not published.is_file():
        raise UserError(
            f"The solution of module {module} isn't published yet. Update the workspace with: python bin/tito.py update"
        )
    if target.is_file() and not is_rescued(target):
        kept = files.keep(target, files.backup_name(target))
        say(f"Your own export is kept as {escape(workspace.relative(kept))}")
    back = f"python bin/tito.py sync --module {module}"
    make_package(workspace.package)
    header = f"{RESCUED} by the published solution. Back to your own: {back}\n"
    files.write(target, header.encode() + published.read_bytes())
    say(f"{workspace.relative(target)} is the published solution now; your notebook is as it was.")
    say(f"Back to your own: {back}")
    say("A notebook that is open has what it imported before: there, Kernel > Restart Kernel.")
    return 0
