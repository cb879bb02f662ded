"""tito update: new modules and corrections from the course, without losing a line of one's own."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tito import files, notebooks
from tito.console import escape, say
from tito.merge import merge
from tito.workspace import UserError, Workspace

DRIVER = "merge.tito.driver"  # of git, for the files that .gitattributes names
NOTES = "TINYTORCH_UPDATE_NOTES"  # a file for what the driver has to say


def update() -> int:
    workspace = Workspace.find()
    if workspace.instructor:
        raise UserError("This is the instructor's copy: update is for a student's.")
    for name in workspace.written():
        notebooks.of(workspace, name)  # says how to go on where one can't be read
    if not _git(workspace, "remote"):
        raise UserError("This workspace was not cloned from anywhere: ask your instructor for the new files.")
    before = _git(workspace, "rev-parse", "HEAD")
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder, "notes")
        _pull(workspace, {**os.environ, NOTES: str(notes)})
        said = notes.read_text(encoding="utf-8") if notes.is_file() else ""
    after = _git(workspace, "rev-parse", "HEAD")
    if before == after:
        say("Nothing is new.")
        return 0
    changed = _git(workspace, "diff", "--name-only", before, after, "--", "modules").splitlines()
    modules = dict.fromkeys(Path(name).parts[1] for name in changed if len(Path(name).parts) > 2)
    say(f"New or corrected: {', '.join(modules) or 'tools and texts'}.")
    for line in said.splitlines():
        say(escape(line))
    say("Next step: python bin/tito.py info")
    return 0


def _pull(workspace: Workspace, environment: dict) -> None:
    """Raises UserError when git can't join both sides; then all is as it was."""
    driver = f'"{sys.executable}" "{workspace.root / "bin" / "tito.py"}" merge-notebooks %O %A %B %P'
    options = ["-c", f"{DRIVER}={driver}", *_identity(workspace)]
    try:
        said = _git(workspace, *options, "pull", "--no-rebase", "--no-edit", "--autostash", environment=environment)
    except UserError:
        _git(workspace, *options, "merge", "--abort", may_fail=True)
        raise
    if "Your changes are safe in the stash" in said:
        raise UserError(
            "The update is here, but a file that you changed was changed by it, too. See: git stash show -p"
        )


def merge_notebooks(base: Path, ours: Path, theirs: Path, path: str) -> int:
    """What git calls where both sides changed a notebook: the result goes to `ours`.

    The student's side is `theirs` where git puts back what was not committed yet, on top of the update.
    """
    upstream = _git(Workspace.find(), "show", f"@{{upstream}}:{path}")
    own, fresh = (ours, theirs) if theirs.read_text(encoding="utf-8").strip() == upstream else (theirs, ours)
    merged, both = merge(*map(notebooks.load, (base, own, fresh)))
    files.write(ours, json.dumps(merged, indent=1, ensure_ascii=False) + "\n")
    if NOTES in os.environ:  # git does not let through what a driver prints
        with open(os.environ[NOTES], "a", encoding="utf-8") as notes:
            for name in both:
                notes.write(f"{path}: {name} was corrected, and you have written in it: yours is kept.\n")
    return 0


def _identity(workspace: Workspace) -> list[str]:
    """A name for the commit that joins both sides, where git knows none."""
    if _git(workspace, "config", "--get", "user.email", may_fail=True):
        return []
    return ["-c", "user.name=student", "-c", "user.email=student@localhost"]


def _git(workspace: Workspace, *arguments: str, may_fail: bool = False, environment: dict | None = None) -> str:
    """What git prints; its messages, too, where it gets an environment.

    Raises UserError when it fails, unless it may.
    """
    try:
        done = subprocess.run(["git", *arguments], cwd=workspace.root, env=environment, capture_output=True, text=True)
    except FileNotFoundError:
        raise UserError("git is not installed; updates come through it.") from None
    if done.returncode and not may_fail:
        reason = done.stderr.strip() or done.stdout.strip()
        raise UserError(f"git could not get the update. Your files are as they were.\n{reason}")
    return (done.stdout + done.stderr if environment else done.stdout).strip()
