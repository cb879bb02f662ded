"""What `tito info` says in the instructor's copy only."""

from autograder.engine import sandbox


def lines() -> str:
    """What keeps submissions from this machine while they are graded."""
    missing = [f"[red]{name}[/] ({sandbox.WITHOUT[name]})" for name in sandbox.missing()]
    here = ", ".join(name for name in sandbox.PROTECTIONS if name in sandbox.active()) or "nothing"
    lacking = f" Not: {'; '.join(missing)}." if missing else ""
    return f"Submissions are graded with these protected: {here}.{lacking}"
