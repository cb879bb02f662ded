"""tito update: new modules and corrections from the course, without losing a line of one's own."""

import json
import os
import re
import shlex
import sys
import tempfile
from pathlib import Path

from tito import editors, files, notebooks
from tito.console import escape, say
from tito.environment import INSTALL
from tito.merge import Met, merge, nearest
from tito.programs import git, undisturbed, unmergeable, unreachable
from tito.workspace import UserError, Workspace

DRIVER = "merge.tito.driver"  # of git, for the files that .gitattributes names
NOTES = "TINYTORCH_UPDATE_NOTES"  # a file for what the driver has to say
UPSTREAM = "@{upstream}"
PACKAGES = "requirements.txt"
UNFINISHED = {  # what lies in git's folder meanwhile -> what it is called
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "MERGE_HEAD": "merge",
}


def update() -> int:
    """Get what is new from where the workspace was cloned. Returns the exit code."""
    workspace = Workspace.find()
    root = workspace.root
    if workspace.instructor:
        raise UserError("This is the instructor's copy: update is for a student's.")
    _refuse_no_clone(root)
    try:
        with files.locked(root / git(root, "rev-parse", "--git-dir").out / "HEAD"):
            return _update(workspace)
    except BlockingIOError:
        raise UserError("Another update of this workspace is running. Wait for its end.") from None


def _update(workspace: Workspace) -> int:
    root = workspace.root
    _refuse_leftovers(root)
    _refuse_own_branches(root)
    for name in workspace.written():
        notebooks.of(workspace, name)  # says how to go on where one can't be read
    before, stash = _commit(root, "HEAD"), _commit(root, "refs/stash")
    own = {path: (path.read_bytes(), path.stat().st_mtime) for path in map(workspace.notebook, workspace.written())}
    _fetch(root)
    with undisturbed():
        kept = _keep_what_is_not_committed(root)
        try:
            notes = [*_bring_back(workspace), *_make_way(root), *_join(root)]
        except Exception:
            _put_back({path: content for path, (content, _) in own.items()})
            _remove(kept)
            raise
        _refuse_conflicts(root, stash)
        _remove(kept)
    saved = {path: time for path, (content, time) in own.items() if path.is_file() and path.read_bytes() != content}
    _show(workspace, before, notes, saved)
    return 0


def _keep_what_is_not_committed(root: Path) -> list[Path]:
    """Make backups of notebooks: while git joins both sides, what is not committed lies in no file. Returns them."""
    changed = git(root, "diff", "--name-only", "-z", "--diff-filter=d", "HEAD", "--", "modules/*.ipynb").names
    return [_keep(path, path) for path in (root / name for name in changed) if path.is_file()]


def _put_back(own: dict[Path, bytes]) -> None:
    for path, content in own.items():
        if not path.is_file() or path.read_bytes() != content:
            files.write(path, content)


def _remove(backups: list[Path]) -> None:
    for path in backups:
        path.unlink()


def _show(workspace: Workspace, before: str, notes: list[str], saved: dict[Path, float]) -> None:
    """Say what changed. saved: the notebooks that were here and changed -> when each was saved last."""
    after = _commit(workspace.root, "HEAD")
    if before == after and not notes:
        say(f"Nothing is new in {escape(_course_of(workspace.root))}.")
        return
    if before != after:
        what = ("--diff-filter=d", before, after, "--", "modules", PACKAGES)
        changed = git(workspace.root, "diff", "--name-only", "-z", *what).names
        modules = dict.fromkeys(path.parts[1] for path in map(Path, changed) if len(path.parts) > 2)
        say(f"New or corrected: {escape(', '.join(modules)) or 'tools and texts'}.")
        if PACKAGES in changed:
            say(f"The course's packages have changed. Install them: {INSTALL}")
    for note in notes:
        say(escape(note))
    for advice in editors.advice(workspace, saved):
        say(f"[yellow]{escape(advice)}[/]")
        say("Not saved there yet? Save, answer Overwrite, and run this command again: the corrections come once more.")
    say("Next step: python bin/tito.py info")


def _course_of(root: Path) -> str:
    """The address that updates come from: of the course, or of somebody's own copy. Without a password."""
    remote = git(root, "rev-parse", "--abbrev-ref", UPSTREAM).out.partition("/")[0]
    return re.sub(r"//[^/@]*@", "//", git(root, "config", "--get", f"remote.{remote}.url", may_fail=True).out or remote)


def _fetch(root: Path) -> None:
    answer = git(root, "fetch", may_fail=True)
    if answer.code:
        said = f"git could not get the update. Your files are as they were.\n{answer.reason}"
        raise unreachable(root, said)


def _join(root: Path) -> list[str]:
    """Join what was fetched with what is here. Returns the notes of the merge driver.

    Raises UserError when git can't join both sides; all is as it was.
    git puts aside what is not committed, and puts it back at the end. It exits with 0 even where that ends in a
    conflict: `_refuse_conflicts` looks for one.
    """
    door = (shlex.quote(str(path)).replace("%", "%%") for path in (sys.executable, root / "bin" / "tito.py"))
    options = ["-c", f"{DRIVER}={' '.join(door)} merge-notebooks %O %A %B %P", *_identity(root)]
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder, "notes")
        joining = [*options, "merge", "--quiet", "--ff", "--no-edit", "--no-verify", "--autostash", UPSTREAM]
        answer = git(root, *joining, may_fail=True, environment={NOTES: str(notes)})
        if answer.code:
            both = _conflicts(root)
            git(root, *options, "merge", "--abort", may_fail=True)
            shared = f"You and the course changed the same lines of: {', '.join(both)}"
            said = f"git could not get the update. Your files are as they were.\n{shared if both else answer.reason}"
            raise UserError(said) if both else unmergeable(root, UPSTREAM, said)
        return notes.read_text(encoding="utf-8").splitlines() if notes.is_file() else []


def _bring_back(workspace: Workspace) -> list[str]:
    """Put corrections that came earlier into the notebooks that lack them. Returns notes about them.

    An editor that had a notebook open while it was corrected may have written its older text over the correction.
    """
    root, notes = workspace.root, []
    received = git(root, "merge-base", "HEAD", UPSTREAM, may_fail=True).out
    for path in map(workspace.notebook, workspace.written()) if received else ():
        name = workspace.relative(path)
        commits = git(root, "log", "--format=%H", "--diff-filter=AM", received, "--", name).out.split()
        given = [_given(root, commit, name) for commit in commits]
        if len(given) < 2 or path.read_bytes() in (raw for raw, _ in given[:1]):
            continue
        own = notebooks.load(path)
        base = nearest(own, (notebook for _, notebook in given))
        merged = merge(given[base][1], own, given[0][1])
        if base and [cell["source"] for cell in merged.notebook["cells"]] != [cell["source"] for cell in own["cells"]]:
            kept = _keep(path, path)
            files.write(path, _text(merged.notebook))
            notes.append(f"{name} lacked a correction that came earlier. The correction is in it now.")
            notes += _notes(name, merged.met, kept)
    return notes


def _make_way(root: Path) -> list[str]:
    """Make way for what git would call a conflict: one side has deleted a file that the other changed. Returns notes.

    Notebooks that somebody worked in and the course no longer has become backups. What somebody deleted comes back if
    the course has corrected it.
    """
    received, notes = git(root, "merge-base", "HEAD", UPSTREAM, may_fail=True).out, []
    if not received:
        return notes
    changes = ["diff", "--name-only", "-z"]
    for name in git(root, *changes, "--diff-filter=D", received, UPSTREAM, "--", "modules/*.ipynb").names:
        path = root / name
        if not path.is_file() or _lines(path.read_bytes()) == _lines(git(root, "show", f"{received}:{name}").raw):
            continue
        kept = _keep(path, path)
        _bring_as_it_came(root, received, name, f"{name} is no longer in the course")
        notes.append(f"{name} is no longer in the course. Yours is kept: {kept.relative_to(root).as_posix()}")
    corrected = git(root, *changes, "--diff-filter=M", received, UPSTREAM).names
    for name in (name for name in corrected if not os.path.lexists(root / name)):
        _bring_as_it_came(root, received, name, f"{name} was corrected")
        notes.append(f"{name} was corrected, and was not here any more: it is here again.")
    return notes


def _bring_as_it_came(root: Path, received: str, name: str, said: str) -> None:
    """Put a file back as the course gave it with the commit `received`. said: for a commit, where one is needed."""
    git(root, "checkout", "--quiet", received, "--", name)
    if git(root, "diff", "--cached", "--quiet", "--", name, may_fail=True).code:
        git(root, *_identity(root), "commit", "--quiet", "--no-verify", "--message", said, "--", name)


def _given(root: Path, commit: str, name: str) -> tuple[bytes, dict]:
    """A notebook as the course gave it with a commit: its bytes, and what they hold."""
    raw = git(root, "show", f"{commit}:{name}").raw
    return raw, notebooks.parse(raw, f"{name} of {commit[:7]}")


def _refuse_no_clone(root: Path) -> None:
    """Raises UserError where the workspace is no clone of a course, and where git does not work in it."""
    inside = git(root, "rev-parse", "--show-prefix", may_fail=True)
    if inside.code and (root / ".git").exists():
        raise UserError(f"git does not work in this workspace:\n{inside.reason}")
    if inside.code or inside.out or not git(root, "remote").out:
        where = "It lies in another git repository. " if inside.out else ""
        raise UserError(f"This workspace was not cloned from anywhere. {where}Ask your instructor for the new files.")


def _refuse_own_branches(root: Path) -> None:
    """Raises UserError where what is checked out follows no branch of the course."""
    if _commit(root, UPSTREAM):
        return
    course = git(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD", may_fail=True).out
    back = course.partition("/")[2] or "main"
    raise UserError(
        f"You are not on the course's branch, so there is nothing to update. Go back to it: git switch {back}"
    )


def _refuse_leftovers(root: Path) -> None:
    """Raises UserError where an earlier conflict is not resolved, or a merge not finished."""
    names, unfinished = _conflicts(root), _unfinished(root)
    if unfinished and names:
        back = f"git {unfinished} --abort brings yours back. Then join them by: python bin/tito.py update"
        raise UserError(f"A {unfinished} of yours left two versions in {', '.join(names)}. {back}")
    if names:
        raise UserError(f"These files hold two versions since the last update. {_how_to_resolve(names)}")
    if unfinished:
        finish = "git commit" if unfinished == "merge" else f"git {unfinished} --continue"
        raise UserError(f"A {unfinished} of yours is not finished. Finish it first: {finish}")


def _refuse_conflicts(root: Path, stash: str) -> None:
    """Raises UserError where git could not put back what was not committed. stash: what refs/stash was before."""
    if names := _conflicts(root):
        both = "The update is here. It changed some of the lines that you changed, so these files hold both versions."
        raise UserError(f"{both} {_how_to_resolve(names)}\nYour versions are also here: git stash show -p")
    if _commit(root, "refs/stash") != stash:
        back = "git could not put your changes back on top of it; they are safe"
        raise UserError(f"The update is here, but {back}. See them: git stash show -p. Put them back: git stash pop")


def _unfinished(root: Path) -> str:
    """What git has begun here and not finished; "" for nothing."""
    folder = root / git(root, "rev-parse", "--git-dir").out
    return next((name for state, name in UNFINISHED.items() if (folder / state).exists()), "")


def _how_to_resolve(names: list[str]) -> str:
    """What to do about conflicts with what was not committed. A notebook is no text that people can put together."""
    shown = "".join(f"\n  {name}" for name in names)
    add = f"git add {' '.join(map(shlex.quote, names))}"
    whole = " ".join(shlex.quote(name) for name in names if name.endswith(".ipynb"))
    yours = f"; of a notebook, take yours: git checkout --theirs {whole}; " if whole else ", "
    return f"Keep what you want of the text between <<<<<<< and >>>>>>>{yours}then run: {add}{shown}"


def _conflicts(root: Path) -> list[str]:
    """The files that git calls unmerged, each once."""
    return list(dict.fromkeys(entry.partition("\t")[2] for entry in git(root, "ls-files", "--unmerged", "-z").names))


def _commit(root: Path, name: str) -> str:
    """The commit that a name stands for, "" for none."""
    return git(root, "rev-parse", "--quiet", "--verify", name, may_fail=True).out


def merge_notebooks(base: Path, ours: Path, theirs: Path, path: str) -> int:
    """What git calls where both sides changed a notebook: the result goes to `ours`. Returns the exit code.

    While git merges, `theirs` is the course's. Afterwards git puts back what was not committed: then `ours` is the
    course's. Bytes decide which it is, because every other way depends on the machine's encoding.
    """
    root = Workspace.find().root
    upstream = git(root, "show", f"{UPSTREAM}:{path}").raw
    own, fresh = (ours, theirs) if _lines(theirs.read_bytes()) == _lines(upstream) else (theirs, ours)
    merged = merge(*map(notebooks.load, (base, own, fresh)))
    kept = _keep(own, root / path) if merged.met else None
    files.write(ours, _text(merged.notebook))
    if NOTES in os.environ:  # git does not let through what a driver prints
        with open(os.environ[NOTES], "a", encoding="utf-8") as notes:
            notes.writelines(f"{line}\n" for line in _notes(path, merged.met, kept))
    return 0


def _text(notebook: dict) -> str:
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _keep(own: Path, notebook: Path) -> Path:
    """Keep what is in `own`, a version of `notebook`, as a backup beside the notebook. Returns the backup's path."""
    return files.keep(own, files.backup_name(notebook))


def _notes(path: str, met: list[Met], kept: Path | None) -> list[str]:
    """What to say of the cells in which the student and the course met, as lines."""
    lines = []
    for cell in met:
        came, left_out = cell.diffs()
        lines.append(f"{path}: {cell.name} was corrected, and you have written in it: yours is kept.")
        lines += ["  This came in beside it:", *_indented(came)] if came else []
        lines += ["  This did not, because you changed the same lines:", *_indented(left_out)] if left_out else []
    if met and kept:
        lines.append(f"  Your notebook as it was: python bin/tito.py restore {kept.name}")
    return lines


def _indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines if not line.startswith("@@")]


def _lines(content: bytes) -> list[bytes]:
    """The lines of a file, however they end: git may have changed that."""
    return content.replace(b"\r\n", b"\n").strip().split(b"\n")


def _identity(root: Path) -> list[str]:
    """Settings for the commit that joins both sides: nothing asks for a password, and who has no name is a student."""
    unsigned = ["-c", "commit.gpgsign=false"]
    if not git(root, "var", "GIT_COMMITTER_IDENT", may_fail=True).code:
        return unsigned
    return [*unsigned, "-c", "user.name=student", "-c", "user.email=student@localhost"]
