"""A course of one's own takes a new version of the template, all of it or nothing.

git merges in a work tree of its own. It leaves what both sides changed unmerged, and join_… decides. Only a finished
commit reaches the instructor's files, and no file that is not committed is overwritten.
"""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import yaml

from autograder.judging.slips import slips
from autograder.judging.source import Source
from autograder.template.answers import HEAD
from autograder.template.joining import LeftOut, Sides, fault_in, join_notebooks, join_texts
from autograder.template.start import ATTRIBUTES, UPSTREAM, commit_of, identity, newest_tag
from tito import files, notebooks
from tito.export import export
from tito.manifest import TERM, load_yaml, over, term_between
from tito.programs import git, unmergeable, unreachable
from tito.workspace import MANIFEST, ToolFailed, UserError, Workspace

CHANGES = "CHANGELOG.md"
NOTEBOOK = re.compile(r"source/(\w+)/\1_dev\.ipynb")
MADE = re.compile(r"tinytorch_ref/core/(\w+)\.py|(student/)?requirements\.txt")
OPTIONS = ("-c", "merge.renames=false", "-c", "merge.conflictStyle=merge", "-c", "rerere.enabled=false")
STAGES = ("1", "2", "3")
PLAIN = ("100644", "100755")


@dataclass
class Upgraded:
    """What became of it.

    version: "" where nothing is new
    changes: what the changelog says that is new
    troubles: what is to be mended
    next: the commands that follow from what came
    """

    version: str = ""
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    changes: str = ""
    next: list[str] = field(default_factory=list)


def upgrade_course(workspace: Workspace, version: str | None) -> Upgraded:
    """Merge a version of the template, the newest by default. Raises UserError; then nothing is changed."""
    root = workspace.root
    _refuse_unready(workspace)
    answer = git(root, "fetch", "--quiet", "--tags", UPSTREAM, may_fail=True)
    if answer.code:
        said = f"The template could not be fetched. Nothing was changed.\n{answer.reason}"
        raise unreachable(root, said, UPSTREAM)
    named = version or _newest(root)
    commit = commit_of(root, named)
    if not commit:
        raise UserError(f"The template has no version {named}. Its versions: {_versions(root)}")
    if git(root, "merge-base", "--is-ancestor", commit, "HEAD", may_fail=True).code == 0:
        return Upgraded()
    if git(root, "merge-base", commit, "HEAD", may_fail=True).code:
        raise UserError(f"{named} and this course have no common history: make a course with tito new")
    found = Upgraded(git(root, "describe", "--tags", "--always", commit).out)
    with _aside(root) as aside:
        _merge(aside, commit, found)
        made = git(aside, "rev-parse", "HEAD").out
        found.troubles += _checked(Workspace(aside, instructor=True))
        found.changes = _news(root, commit)
        found.next = _next(workspace, git(aside, "diff", "--name-only", "-z", "HEAD^", "HEAD").names)
    merged = git(root, "merge", "--quiet", "--ff-only", made, may_fail=True)
    if merged.code:
        raise unmergeable(root, made, f"git could not merge {found.version}. Nothing was changed.\n{merged.reason}")
    return found


def _refuse_unready(workspace: Workspace) -> None:
    root = workspace.root
    if not workspace.instructor:
        raise UserError("This is a student's copy. It is brought up to date by: python bin/tito.py update")
    if git(root, "remote", "get-url", UPSTREAM, may_fail=True).code:
        raise UserError(f"Nothing says where the template is. Name it: git remote add {UPSTREAM} URL")
    if git(root, "rev-parse", "--is-shallow-repository").out == "true":
        raise UserError("This clone has a part of the course's history. Get all of it first: git fetch --unshallow")
    if git(root, "symbolic-ref", "--quiet", "HEAD", may_fail=True).code:
        raise UserError("No branch is checked out, and an upgrade belongs to one. First: git switch main")
    if changed := git(root, "status", "--porcelain=v1", "-z", "--untracked-files=no").names:
        shown = ", ".join(name[3:] for name in changed)
        raise UserError(f"Commit first what you changed: {shown}. Nothing was upgraded.")


def _newest(root: Path) -> str:
    """The template's newest version, or where it has none its newest commit."""
    git(root, "remote", "set-head", UPSTREAM, "--auto", may_fail=True)
    if not commit_of(root, "HEAD"):
        raise UserError(f"The template has no main branch. Name a version. Its versions: {_versions(root)}")
    return newest_tag(root, "--merged", f"refs/remotes/{UPSTREAM}/HEAD") or "HEAD"


def _versions(root: Path) -> str:
    return ", ".join(git(root, "tag", "--list", "v[0-9]*", "--sort=version:refname").out.split()) or "none"


@contextmanager
def _aside(root: Path) -> Iterator[Path]:
    """A work tree of HEAD, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="tito-upgrade-") as folder:
        aside = Path(folder).resolve() / "course"
        try:
            git(root, "worktree", "add", "--quiet", "--detach", str(aside), "HEAD")
            yield aside
        finally:
            git(root, "worktree", "remove", "--force", str(aside), may_fail=True)
    git(root, "worktree", "prune", may_fail=True)


def _merge(aside: Path, commit: str, found: Upgraded) -> None:
    """Merge in the work tree, and commit. What is to be said of it goes to `found`."""
    attributes = aside.with_name("attributes")
    attributes.write_text(f"{ATTRIBUTES}*.ipynb -merge\n*.json -merge\n", encoding="utf-8")
    options = (*OPTIONS, "-c", f"core.attributesFile={attributes}", *identity(aside))
    answer = git(aside, *options, "merge", "--quiet", "--no-ff", "--no-commit", commit, may_fail=True)
    unmerged = _unmerged(aside)
    if answer.code and not unmerged:
        raise ToolFailed(f"git could not merge {found.version}. Nothing was changed.\n{answer.reason}")
    for path, blobs in unmerged.items():
        _settle(aside, path, blobs, found)
    _make_anew(aside, found)
    git(aside, "add", "--all")
    git(aside, *options, "commit", "--quiet", "--no-verify", "-m", f"Upgrade to {found.version}")


def _unmerged(aside: Path) -> dict[str, dict[str, str]]:
    """path → stage → blob, of what both sides changed. Raises UserError for what is no plain file."""
    found: dict[str, dict[str, str]] = {}
    for entry in git(aside, "ls-files", "--unmerged", "-z").names:
        head, _, path = entry.partition("\t")
        mode, blob, stage = head.split()
        if mode not in PLAIN:
            raise UserError(f"{path} is no plain file, and both sides changed it. Nothing was changed.")
        found.setdefault(path, {})[stage] = blob
    return found


def _settle(aside: Path, path: str, blobs: dict[str, str], found: Upgraded) -> None:
    """Write what becomes of a file that both sides changed."""
    base, own, fresh = (git(aside, "cat-file", "blob", blobs[one]).raw if one in blobs else None for one in STAGES)
    if fresh is None and own is not None:
        found.left_out.append(LeftOut(path, "the template removed it, and you changed it; yours is kept"))
        made = own
    elif own is None:
        found.left_out.append(
            LeftOut(path, "the template changed it, and you removed it; it stays away", _added(fresh))
        )
        made = None
    elif MADE.fullmatch(path):
        found.notes.append(f"{path} is the template's: it is made from other files")
        made = fresh
    elif path == MANIFEST and base is not None and _migrated(aside, base, own):
        found.notes.append(f"What you changed in {MANIFEST} stands in {TERM} now, which was written anew")
        made = fresh
    else:
        made, left = _joined(path, base, own, fresh or b"")
        found.left_out += left
    if made is None:
        git(aside, "rm", "--quiet", "--force", "--cached", "--", path)
        (aside / path).unlink(missing_ok=True)
    else:
        files.write(aside / path, made)


def _added(fresh: bytes | None) -> tuple[str, ...]:
    try:
        return tuple(f"+{line}" for line in (fresh or b"").decode().split("\n"))
    except UnicodeDecodeError:
        return ()


def _joined(path: str, base: bytes | None, own: bytes, fresh: bytes) -> tuple[bytes, list[LeftOut]]:
    """A file of both sides. What can't be read stays the instructor's."""
    try:
        if path.endswith(".ipynb"):
            empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
            old = empty if base is None else notebooks.parse(base, path)
            sides = Sides(old, notebooks.parse(own, path), notebooks.parse(fresh, path))
            notebook, left = join_notebooks(sides, path)
            return (nbformat.writes(nbformat.from_dict(notebook), indent=1) + "\n").encode(), left
        if b"\0" in (base or b"") + own + fresh:
            raise UserError(f"{path} is no text")
        text, left = join_texts(Sides((base or b"").decode(), own.decode(), fresh.decode()), path, fault_in(path))
        return text.encode(), left
    except (UnicodeDecodeError, UserError):
        return own, [LeftOut(path, "both changed it, and it can't be joined; yours is kept")]


def _migrated(aside: Path, base: bytes, own: bytes) -> bool:
    """Move what an instructor changed in course.yml into term.yml. Returns whether that is possible."""
    with tempfile.TemporaryDirectory() as folder:
        contents = []
        for name, raw in (("base", base), ("own", own)):
            place = Path(folder, name)
            place.write_bytes(raw)
            contents.append(load_yaml(place, MANIFEST))
    try:
        changed = term_between(*contents)
    except (ValueError, KeyError, TypeError):
        return False
    path = aside / TERM
    term = over(changed, load_yaml(path, TERM) if path.is_file() else {})
    files.write(path, HEAD + yaml.safe_dump(term, sort_keys=False, allow_unicode=True))
    return True


def _make_anew(aside: Path, found: Upgraded) -> None:
    """Export the notebooks that changed."""
    workspace = Workspace(aside, instructor=True)
    changed = git(aside, "diff", "--name-only", "-z", "HEAD").names
    for name in dict.fromkeys(
        place[1] for path in changed if (place := NOTEBOOK.fullmatch(path) or MADE.fullmatch(path))
    ):
        if name and name != "student/" and workspace.notebook(name).is_file():
            try:
                export(workspace.notebook(name), workspace.export(name), f"source/{name}/{name}_dev.ipynb")
            except UserError as error:
                found.troubles.append(str(error))


def _checked(workspace: Workspace) -> list[str]:
    """What is wrong with the upgraded course, in words, as far as nothing need be run. Raises UserError."""
    found = workspace.course.gaps()
    for name in workspace.released():
        try:
            found += [f"{name}: {slip}" for slip in slips(Source.of(workspace, name))]
        except UserError as error:
            found.append(str(error))
    return found


def _next(workspace: Workspace, changed: list[str]) -> list[str]:
    """What to type after files have changed, for what students already have."""
    modules = [name for name in workspace.course.modules if any(path.startswith(f"source/{name}/") for path in changed)]
    again = [name for name in modules if (workspace.root / "release" / name).is_dir()]
    graded = [name for name in again if files.in_each(workspace.root / "submitted", name)]
    kit = (workspace.root / "dist" / workspace.course.repository).is_dir()
    return [
        *(["make setup"] if {"requirements.txt", "pyproject.toml"} & set(changed) else []),
        *([f"tito release {' '.join(again)}"] if again else []),
        *([f"tito grade {' '.join(graded)}"] if graded else []),
        *(["tito kit"] if kit else []),
    ]


def _news(root: Path, commit: str) -> str:
    """What the changelog of a commit says that the one of this course did not."""
    fresh = git(root, "show", f"{commit}:{CHANGES}", may_fail=True).out
    base = git(root, "merge-base", commit, "HEAD").out
    old = set(git(root, "show", f"{base}:{CHANGES}", may_fail=True).out.splitlines())
    sections = re.split(r"(?m)^(?=## )", fresh)[1:]
    return "".join(section for section in sections if section.splitlines()[0] not in old).strip()
