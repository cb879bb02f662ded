"""tito tidy: source notebooks → the same, in one form."""

from autograder.handing_out.tidy import make_tidy
from tito.console import say
from tito.workspace import Workspace


def tidy(modules: list[str] | None, check: bool) -> int:
    """Tidy the source notebooks of modules, or of all; with `check`, only name those that are untidy."""
    workspace = Workspace.find()
    names = [workspace.module(name).name for name in modules] if modules else workspace.written()
    untidy = [path for path in map(workspace.notebook, names) if make_tidy(path, check)]
    for path in untidy:
        say(f"{path.relative_to(workspace.root)}: {'untidy, run: tito tidy' if check else 'tidied'}")
    return 1 if check and untidy else 0
