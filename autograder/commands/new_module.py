"""tito new-module: the skeleton of a module of one's own."""

from autograder.template.skeleton import make_module
from tito.console import escape, say
from tito.workspace import UserError, Workspace


def new_module(name: str, title: str | None, after: str | None, needs: list[str]) -> int:
    """Make the skeleton, and say how to go on. Returns the exit code."""
    workspace = Workspace.find()
    if not workspace.instructor:
        raise UserError("This is a student's copy: modules are made in the instructor's.")
    for path in make_module(workspace, name, title, after, needs):
        say(escape(workspace.relative(path)))
    say("It works as it is. Make it your own: docs/writing-a-module.md. Then:")
    for line in (f"tito tidy {name}", f"tito release {name}", f"pytest -k {name}"):
        say(f"  {line}")
    row = Workspace.find().course.modules[name]
    say(
        escape(
            f"Its title is {row.title}. Another title: in its row, and in the first line of its notebook and README."
        )
    )
    return 0
