"""What `tito info` says in the instructor's copy only."""

from autograder.engine import sandbox
from autograder.watching.state import queue_line
from tito.console import escape
from tito.workspace import Workspace


def lines() -> str:
    """What keeps submissions from this machine while they are graded, and what `tito watch` does."""
    here = ", ".join(name for name in sandbox.PROTECTIONS if name in sandbox.active()) or "nothing"
    lacking = f" [red]Not:[/] {escape(sandbox.lacking())}." if sandbox.absent() else ""
    protected = f"Submissions are graded with these protected: {here}.{lacking}"
    return "\n".join(filter(None, (protected, queue_line(Workspace.find()))))
