"""tito update: new modules and corrections from the course, without losing a line of one's own."""

import json
import os
import shlex
import sys
import tempfile
from pathlib import Path

from tito import files, notebooks
from tito.console import escape, say
from tito.merge import merge
from tito.programs import git
from tito.workspace import UserError, Workspace

DRIVER = "merge.tito.driver"  # of git, for the files that .gitattributes names
NOTES = "TINYTORCH_UPDATE_NOTES"  # a file for what the driver has to say


def update() -> int:
    """Pull from where the workspace was cloned. Returns the exit code."""
    workspace = Workspace.find()
    root = workspace.root
    if workspace.instructor:
        raise UserError("This is the instructor's copy: update is for a student's.")
    if git(root, "rev-parse", "--git-dir", may_fail=True).code or not git(root, "remote").out:
        raise UserError("This workspace was not cloned from anywhere: ask your instructor for the new files.")
    _refuse_leftovers(root)
    for name in workspace.written():
        notebooks.of(workspace, name)  # says how to go on where one can't be read
    before, stash = _commit(root, "HEAD"), _commit(root, "refs/stash")
    notes = _pull(root)
    _refuse_conflicts(root, stash)
    after = _commit(root, "HEAD")
    if before == after:
        say("Nothing is new.")
        return 0
    _show(root, before, after, notes)
    return 0


def _show(root: Path, before: str, after: str, notes: list[str]) -> None:
    paths = [Path(name) for name in git(root, "diff", "--name-only", "-z", before, after, "--", "modules").names]
    modules = dict.fromkeys(path.parts[1] for path in paths if len(path.parts) > 2)
    say(f"New or corrected: {escape(', '.join(modules)) or 'tools and texts'}.")
    for note in notes:
        say(escape(note))
    say("Next step: python bin/tito.py info")


def _pull(root: Path) -> list[str]:
    """Pull. Returns the notes of the merge driver. Raises UserError when git can't join both sides; all is as it was.

    git puts aside what is not committed, and puts it back at the end. It exits with 0 even where that ends in a
    conflict: `_refuse_conflicts` looks for one.
    """
    door = (shlex.quote(str(path)).replace("%", "%%") for path in (sys.executable, root / "bin" / "tito.py"))
    options = ["-c", f"{DRIVER}={' '.join(door)} merge-notebooks %O %A %B %P", *_identity(root)]
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder, "notes")
        pull = [*options, "pull", "--no-rebase", "--no-edit", "--autostash"]
        answer = git(root, *pull, may_fail=True, environment={NOTES: str(notes)})
        if answer.code:
            both = _conflicts(root)
            git(root, *options, "merge", "--abort", may_fail=True)
            shared = f"You and the course changed the same lines of: {', '.join(both)}"
            reason = shared if both else answer.err.strip() or answer.out
            raise UserError(f"git could not get the update. Your files are as they were.\n{reason}")
        return notes.read_text(encoding="utf-8").splitlines() if notes.is_file() else []


def _refuse_leftovers(root: Path) -> None:
    """Raises UserError where an earlier conflict is not resolved."""
    if names := _conflicts(root):
        raise UserError(f"These files hold two versions since the last update. {_how_to_resolve(names)}")


def _refuse_conflicts(root: Path, stash: str) -> None:
    """Raises UserError where git could not put back what was not committed. stash: what refs/stash was before."""
    if names := _conflicts(root):
        both = "The update is here. It changed some of the lines that you changed, so these files hold both versions."
        raise UserError(f"{both} {_how_to_resolve(names)}\nYour versions are also here: git stash show -p")
    if _commit(root, "refs/stash") != stash:
        back = "git could not put your changes back on top of it; they are safe"
        raise UserError(f"The update is here, but {back}. See them: git stash show -p. Put them back: git stash pop")


def _how_to_resolve(names: list[str]) -> str:
    shown = "".join(f"\n  {name}" for name in names)
    add = f"git add {' '.join(map(shlex.quote, names))}"
    return f"Keep what you want of the text between <<<<<<< and >>>>>>>, then run: {add}{shown}"


def _conflicts(root: Path) -> list[str]:
    """The files that git calls unmerged, each once."""
    return list(dict.fromkeys(entry.partition("\t")[2] for entry in git(root, "ls-files", "--unmerged", "-z").names))


def _commit(root: Path, name: str) -> str:
    """The commit that a name stands for, "" for none."""
    return git(root, "rev-parse", "--quiet", "--verify", name, may_fail=True).out


def merge_notebooks(base: Path, ours: Path, theirs: Path, path: str) -> int:
    """What git calls where both sides changed a notebook: the result goes to `ours`. Returns the exit code.

    While git pulls, `theirs` is the course's. Afterwards git puts back what was not committed: then `ours` is the
    course's. Bytes decide which it is, because every other way depends on the machine's encoding.
    """
    upstream = git(Workspace.find().root, "show", f"@{{upstream}}:{path}").raw
    own, fresh = (ours, theirs) if _lines(theirs.read_bytes()) == _lines(upstream) else (theirs, ours)
    merged, both = merge(*map(notebooks.load, (base, own, fresh)))
    files.write(ours, json.dumps(merged, indent=1, ensure_ascii=False) + "\n")
    if NOTES in os.environ:  # git does not let through what a driver prints
        with open(os.environ[NOTES], "a", encoding="utf-8") as notes:
            for name in both:
                notes.write(f"{path}: {name} was corrected, and you have written in it: yours is kept.\n")
    return 0


def _lines(content: bytes) -> list[bytes]:
    """The lines of a file, however they end: git may have changed that."""
    return content.replace(b"\r\n", b"\n").strip().split(b"\n")


def _identity(root: Path) -> list[str]:
    """A name for the commit that joins both sides, where git knows none."""
    if git(root, "config", "--get", "user.email", may_fail=True).out:
        return []
    return ["-c", "user.name=student", "-c", "user.email=student@localhost"]
