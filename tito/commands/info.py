"""tito info: the modules, how far each is, this machine, and the next step. Must stay quick: no slow imports here."""

import os
import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from tito import notebooks, state
from tito.console import escape, print_json, say, table
from tito.export import is_fresh, is_rescued
from tito.workspace import Module, UserError, Workspace

COLOURS = {"tests passed": "green", "tests failed": "red", "unreadable": "red", "missing": "red", "rescued": "yellow"}
DONE = ("tests passed", "rescued")
TITO = "python bin/tito.py"


@dataclass
class Status:
    """How far a module is; `state` is for programs, `text` for people."""

    module: str
    state: str
    text: str
    points_seen: float | None = None
    points: float | None = None


def info(json: bool) -> int:
    workspace = Workspace.find()
    known = state.read(workspace)
    statuses = [_status(workspace, row, known["tests"].get(row.name)) for row in workspace.course.modules.values()]
    machine, step = _machine(), _next_step(workspace, statuses, known["milestones"])
    if json:
        modules = [asdict(status) for status in statuses]
        copy = "instructor" if workspace.instructor else "student"
        print_json({"copy": copy, "root": workspace.root, "modules": modules, "machine": machine, "next_step": step})
        return 0
    say(f"[bold]{escape(workspace.course.title)}[/]  {escape(str(workspace.root))}")
    if workspace.instructor:
        say("The instructor's copy: modules are in source/, the package is tinytorch_ref/.")
    say(_modules(workspace, statuses))
    say(_versions(machine))
    say(f"[bold]Next step:[/] {escape(step)}")
    return 0


def _status(workspace: Workspace, row: Module, tested: dict | None) -> Status:
    if not (workspace.modules / row.name).is_dir():
        return Status(row.name, "not released", "not released yet")
    if not workspace.notebook(row.name).is_file():
        return Status(row.name, "missing", "the notebook is missing")
    try:
        own = notebooks.load(workspace.notebook(row.name))
        untouched = notebooks.untouched(workspace, row.name, own)
    except UserError:
        return Status(row.name, "unreadable", "the notebook is unreadable")
    found, text = _progress(workspace, row.name, own, untouched, tested)
    points = sum(notebooks.points(cell) for cell in own["cells"] if notebooks.is_check(cell))
    return Status(row.name, found, text, (tested or {}).get("seen"), points)


def _progress(workspace, name, own, untouched, tested):
    if is_rescued(workspace.export(name)):
        return "rescued", "the published solution is installed"
    if untouched:
        return "not started", "not started"
    stubs, empty = notebooks.stubs(own), notebooks.empty_stubs(own)
    fresh = is_fresh(own, workspace.export(name))
    if tested and fresh and tested.get("digest") == notebooks.digest(own):
        found = "tests passed" if tested.get("passed") else "tests failed"
        return found, found
    if tested and not empty:
        return "changed", "changed since last test"
    if empty or not fresh:
        return "started", f"started: {len(stubs) - len(empty)} of {len(stubs)} stubs written"
    return "synced", "synced"


def _machine() -> dict:
    packages = {name: _version(name) for name in ("numpy", "jupyterlab", "nbdev")}
    active = sys.prefix != sys.base_prefix or bool(os.environ.get("CONDA_PREFIX"))
    return {"python": platform.python_version(), **packages, "environment": sys.prefix if active else None}


def _version(package):
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _next_step(workspace, statuses, milestones) -> str:
    """One command, for the first module that is not done."""
    released = [status for status in statuses if status.state != "not released"]
    for status in released:
        name = status.module
        row = workspace.course.modules[name]
        if status.state not in DONE:
            return _step(workspace, status)
        if row.milestone and not milestones.get(row.milestone, {}).get("reached") and not workspace.instructor:
            return f"{TITO} milestone {row.milestone}  ({row.target})"
    waiting = next((status.module for status in statuses if status.state == "not released"), None)
    return f"none until module {waiting} is released" if waiting else "none: every module is done"


def _step(workspace, status) -> str:
    name = status.module
    notebook = workspace.relative(workspace.notebook(name))
    if status.state in ("missing", "unreadable"):
        return f"{TITO} reset --module {name}"
    if status.state == "not started":
        return f"jupyter lab {notebook}  (first read {workspace.relative(workspace.modules / name)}/README.md)"
    if status.state == "tests failed":
        return f"jupyter lab {notebook}  ({TITO} test --module {name} says what is wrong)"
    own = notebooks.load(workspace.notebook(name))
    empty = notebooks.empty_stubs(own)
    if empty:
        return f"jupyter lab {notebook}  (next stub: {empty[0]})"
    return f"{TITO} {'test' if is_fresh(own, workspace.export(name)) else 'sync'} --module {name}"


def _modules(workspace, statuses):
    rows = workspace.course.modules
    due = ["due"] if any(row.due for row in rows.values()) else []
    shown = table("", "module", "state", "points", "needs", "min", *due)
    for status in statuses:
        row = rows[status.module]
        colour = COLOURS.get(status.state, "dim" if status.state == "not released" else "default")
        shown.add_row(
            str(row.number),
            escape(row.title),
            f"[{colour}]{status.text}[/]",
            _points(status),
            ", ".join(row.prerequisites),
            str(row.minutes),
            *([f"{row.due:%d %b %H:%M}" if row.due else ""] if due else []),
        )
    shown.columns[2].no_wrap = True
    return shown


def _points(status):
    """Points whose visible checks passed; dim where that was before the last change."""
    if status.points is None:
        return ""
    seen = "-" if status.points_seen is None else f"{status.points_seen:g}"
    colour = "default" if status.state in ("tests passed", "tests failed") else "dim"
    return f"[{colour}]{seen} of {status.points:g}[/]"


def _versions(machine):
    packages = [f"{name} {machine[name] or '[red]missing[/]'}" for name in ("numpy", "jupyterlab", "nbdev")]
    environment = escape(machine["environment"] or "")
    active = f"active ({environment})" if environment else "[red]not active[/]: source .venv/bin/activate"
    return f"Python {machine['python']}, {', '.join(packages)}\nVirtual environment {active}\n"
