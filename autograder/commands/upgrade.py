"""tito upgrade: a new version of the template, beside what the instructor changed."""

from autograder.template.upgrade import upgrade_course
from tito.console import escape, say
from tito.workspace import Workspace


def upgrade(version: str | None) -> int:
    """Upgrade the course. Returns the exit code: 1 where a person has something to look at."""
    found = upgrade_course(Workspace.find(), version)
    if not found.version:
        say("Nothing is new.")
        return 0
    say(f"This course is at {escape(found.version)} now.")
    if found.changes:
        say(f"\n{escape(found.changes)}\n")
    for note in found.notes:
        say(f"{escape(note)}.")
    for one in found.left_out:
        say(f"[yellow]{escape(one.where)}:[/] {escape(one.why)}. What you do not have:")
        for line in one.lines:
            say(f"    {escape(line)}")
    for trouble in found.troubles:
        say(f"[red]to be mended:[/] {escape(trouble)}")
    if found.next:
        say("The next commands:")
        for command in found.next:
            say(f"  {escape(command)}")
    say("To undo all of it: git reset --keep HEAD~1")
    return 1 if found.left_out or found.troubles else 0
