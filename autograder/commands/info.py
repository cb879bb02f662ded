"""What `tito info` says in the instructor's copy only."""

from autograder.engine import sandbox
from tito.console import escape


def lines() -> str:
    """What keeps submissions from this machine while they are graded."""
    here = ", ".join(name for name in sandbox.PROTECTIONS if name in sandbox.active()) or "nothing"
    lacking = f" [red]Not:[/] {escape(sandbox.lacking())}." if sandbox.absent() else ""
    return f"Submissions are graded with these protected: {here}.{lacking}"
