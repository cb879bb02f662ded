"""The workspace that students clone and pull updates from: release → dist/TinyTorch."""

import os
import shlex
import shutil
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from autograder.deadlines.deadlines import Deadlines
from autograder.handing_out.guide import guide
from tito import notebooks
from tito.export import given_solution, is_fresh
from tito.programs import git
from tito.uses import modules_imported
from tito.workspace import MANIFEST, Course, UserError, Workspace

IGNORE = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints", ".pytest_cache", "make_*.py")
HIDDEN = ("git", "devcontainer", "binder")  # what begins so has a dot before its name in the workspace


@dataclass(frozen=True)
class Kit:
    """The workspace that was made.

    committed: whether anything in it is new
    begun: whether it is a new repository, which has nothing of an earlier one's history
    branch: what is checked out in it
    """

    folder: Path
    modules: list[str]
    committed: bool
    begun: bool
    branch: str


def make_kit(workspace: Workspace, publish: list[str]) -> Kit:
    """Bring the workspace up to date, with the solutions of the modules in `publish`.

    Raises UserError if nothing is released, if a module in `publish` is not due yet, if students would lack or lose
    one, or if the workspace is on no branch.
    """
    modules = _released(workspace)
    if not modules:
        raise UserError("Nothing is released yet. First: tito release")
    if gaps := workspace.course.gaps():
        raise UserError(f"Students would lack modules. {'; '.join(gaps)}.")
    for name in workspace.given():
        _refuse_stale(workspace, name)
    for name in publish:
        _refuse_before_deadline(workspace, name)
    target = workspace.root / "dist" / workspace.course.repository
    begun = not (target / ".git").exists()
    if not begun and git(target, "symbolic-ref", "--quiet", "HEAD", may_fail=True).code:
        place = workspace.relative(target)
        first = f"git -C {shlex.quote(place)} switch main"
        raise UserError(f"{place} is on no branch, so nobody would get what is new. First: {first}")
    taught = {name for name, row in workspace.course.modules.items() if row.state == "taught"}
    if lost := sorted(_handed_out(target) & taught - set(modules)):
        names = " ".join(lost)
        raise UserError(f"Students have {', '.join(lost)}, and release/ does not. Make it anew: tito release {names}")
    _lay_out(workspace, modules, target)
    for name in [*publish, *workspace.given()]:
        _publish(workspace, name, target)
    committed = _commit(target, f"Release {', '.join(modules)}")
    return Kit(target, modules, committed, begun, git(target, "symbolic-ref", "--short", "HEAD").out)


def _released(workspace: Workspace) -> list[str]:
    return [
        name
        for name in workspace.released()
        if (workspace.root / "release" / name / workspace.notebook(name).name).is_file()
    ]


def too_early(course: Course, released: list[str]) -> dict[str, list[str]]:
    """Each released module whose students lack what it imports → the modules that are to be released first."""
    taught = [name for name, row in course.modules.items() if row.state == "taught" and name not in released]
    lacking = {name: [one for one in taught if one in course.modules[name].needs] for name in released}
    return {name: needed for name, needed in lacking.items() if needed}


def _handed_out(target: Path) -> set[str]:
    """The modules that an earlier kit has."""
    return {path.name for path in (target / ".tito" / "released").glob("*")}


def _lay_out(workspace: Workspace, modules: list[str], target: Path) -> None:
    """Write the workspace's files. Files that only students add stay, as does git's own folder."""
    root = workspace.root
    for name in _handed_out(target) - set(modules):  # they are hidden, given or drafts now
        for folder in (target / "modules" / name, target / ".tito" / "released" / name):
            if folder.is_dir():
                shutil.rmtree(folder)
    for name in modules:
        _replace(root / "release" / name, target / "modules" / name)
        _replace(target / "modules" / name, target / ".tito" / "released" / name)
    _replace(root / "tito", target / "tito")
    _replace(root / "bin", target / "bin")
    _lay_out_tests(workspace, modules, target / "tests")
    _lay_out_package(workspace, target / "tinytorch")
    content = yaml.safe_dump(Course.for_students(root / MANIFEST), sort_keys=False, allow_unicode=True, width=120)
    (target / MANIFEST).write_text(f"# {workspace.course.title}. Made by `tito kit`.\n{content}", encoding="utf-8")
    for path in (root / "student").iterdir():
        place = target / (f".{path.name}" if path.name.startswith(HIDDEN) else path.name)
        _replace(path, place) if path.is_dir() else shutil.copy(path, place)
    (target / "README.md").write_text(guide(workspace), encoding="utf-8")
    (target / "pyproject.toml").write_text(_pyproject(root), encoding="utf-8")


def _refuse_stale(workspace: Workspace, name: str) -> None:
    """Raise UserError unless the solution of a given module is what its notebook exports."""
    if not is_fresh(notebooks.of(workspace, name), workspace.export(name)):
        path = workspace.relative(workspace.export(name))
        raise UserError(f"{name} is given, and {path} is not what its notebook exports: tito sync --module {name}")


def _replace(source: Path, target: Path) -> None:
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target, ignore=IGNORE)


def _lay_out_tests(workspace: Workspace, modules: list[str], target: Path) -> None:
    """Write the tests of the released modules, their goldens, and tests of the course's modules together."""
    _replace(workspace.tests, target)
    for path in [*target.glob("test_*.py"), *target.glob("goldens/*.npz")]:
        if path.stem.removeprefix("test_") not in modules:
            path.unlink()
    had = {name for name, row in workspace.course.modules.items() if row.state in ("taught", "given")}
    for path in target.glob("integration/test_*.py"):
        if not modules_imported(path) <= had:
            path.unlink()


def _lay_out_package(workspace: Workspace, target: Path) -> None:
    """Write a package that has the given modules alone: students export the others."""
    for name in ("__init__.py", "core/__init__.py"):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(workspace.package / name, target / name)
    for path in (target / "core").glob("[a-z]*.py"):
        path.unlink()
    for name in workspace.given():
        (target / "core" / f"{name}.py").write_bytes(given_solution(workspace.export(name)))


def _pyproject(root: Path) -> str:
    """The text of the student's pyproject.toml, with the core dependencies of the course."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    dependencies = "".join(f'    "{name}",\n' for name in project["dependencies"])
    return f"""[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "tinytorch"
version = "{project["version"]}"
description = "A small ML framework, built from scratch."
requires-python = "{project["requires-python"]}"
dependencies = [
{dependencies}]

[project.scripts]
tito = "tito.cli:main"

[tool.setuptools.packages.find]
include = ["tito*", "tinytorch*"]
"""


def _refuse_before_deadline(workspace: Workspace, name: str) -> None:
    """Raise UserError while anybody may still hand the module in."""
    due, now = workspace.module(name).due, datetime.now(UTC)
    if due is not None and now < due:
        raise UserError(f"{name} is due {due:%Y-%m-%d %H:%M}: its solution can be published after that.")
    have_time = Deadlines.of(workspace).have_time(name, now)
    if have_time:
        until = f"{max(have_time.values()).astimezone(workspace.course.zone or UTC):%Y-%m-%d %H:%M %Z}"
        who = ", ".join(have_time)
        raise UserError(f"{who} may still hand in {name}: its solution can be published after {until}.")


def _publish(workspace: Workspace, name: str, target: Path) -> None:
    """Put a module's reference where `tito rescue` finds it."""
    (target / "published").mkdir(exist_ok=True)
    shutil.copy(workspace.export(name), target / "published" / f"{name}.py")


def _commit(target: Path, message: str) -> bool:
    """Commit everything in the workspace. Returns whether there was something to commit."""
    identity = ["-c", "user.name=TinyTorch course", "-c", "user.email=course@localhost", "-c", "commit.gpgsign=false"]
    if not (target / ".git").exists():
        git(target, "init", "--quiet", "--initial-branch=main")
    all_here = ("-c", f"core.excludesFile={os.devnull}")  # what you ignore elsewhere may be a module here
    git(target, *all_here, "add", "--all")
    if not git(target, "status", "--porcelain=v1", "-z").raw:
        return False
    git(target, *identity, "commit", "--no-verify", "--quiet", "--message", message)
    return True
