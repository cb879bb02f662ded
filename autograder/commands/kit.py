"""tito kit: release → dist/TinyTorch."""

from autograder.handing_out.kit import make_kit, too_early
from tito.console import escape, say
from tito.workspace import Workspace


def kit(publish: list[str]) -> int:
    """Make the students' workspace, with the solutions of the modules in `publish`."""
    workspace = Workspace.find()
    made = make_kit(workspace, publish)
    state = "committed" if made.committed else "unchanged"
    state += "" if made.branch == "main" else f" on the branch {escape(made.branch)}"
    say(f"{workspace.relative(made.folder)}: {', '.join(made.modules)} ({state})")
    if made.begun:
        place = workspace.relative(made.folder)
        say(
            "[yellow]note[/] This is a new repository. Who cloned an earlier one gets nothing from it. If there is one,"
        )
        say(f"  remove {escape(place)}, clone theirs to that place, and make the kit again")
    for name, needed in too_early(workspace.course, made.modules).items():
        say(f"[yellow]note[/] {name} needs {', '.join(needed)}: not released yet, so students can't begin it")
    say("Students clone it: push it to where they can, or hand out the folder.")
    return 0
