"""tito upgrade: a new version of the template, beside what the instructor changed."""

from autograder.template.upgrade import upgrade_course
from tito.console import escape, say
from tito.workspace import Workspace

SHOWN = 100  # lines of a change: a whole notebook would hide all else


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
        for line in one.lines[:SHOWN]:
            say(f"    {escape(line)}")
        if len(one.lines) > SHOWN:
            all_of_it = escape(f"git show {found.version}:{one.where.partition(': ')[0]}")
            say(f"    … and {len(one.lines) - SHOWN} lines more. All of it: {all_of_it}")
    for trouble in found.troubles:
        say(f"[red]to be mended:[/] {escape(trouble)}")
    if found.next:
        say("The next commands:")
        for command in found.next:
            say(f"  {escape(command)}")
    say("To undo all of it: git reset --keep HEAD~1")
    return 1 if found.left_out or found.troubles else 0
