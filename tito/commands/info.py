"""tito info: the modules, how far each is, this machine, and the next step.

The command must stay quick, so this file imports nothing that is slow.
"""

import os
import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

from tito import notebooks, state, steps
from tito.console import console, escape, print_json, say, table
from tito.environment import activate_line, installed_from, made_for, what_helps
from tito.export import is_fresh, is_rescued
from tito.extensions import extensions
from tito.workspace import Module, UserError, Workspace

COLOURS = {
    "tests passed": "green",
    "submitted": "green",
    "submitted with gaps": "yellow",
    "changed since submitted": "yellow",
    "tests failed": "red",
    "the notebook is unreadable": "red",
    "the notebook is missing": "red",
    "published solution installed": "yellow",
    "not released yet": "dim",
    "given: nothing to do": "dim",
    "elective: not taught here": "dim",
}
PASSED = ("tests passed", "submitted", "rescued")


@dataclass
class Status:
    """How far a module is; `state` is for programs, `text` for people."""

    module: str
    state: str
    text: str
    points_seen: float | None = None
    points: float | None = None
    points_for_answers: float | None = None


def info(json: bool) -> int:
    """Show how far the modules are. Returns the exit code."""
    workspace = Workspace.find()
    known = state.recall(workspace)
    statuses = [_status(workspace, row, known) for row in workspace.course.modules.values()]
    machine, step = _machine(), _next_step(workspace, statuses)
    if json:
        modules = [asdict(status) for status in statuses]
        copy = "instructor" if workspace.instructor else "student"
        print_json({"copy": copy, "root": workspace.root, "modules": modules, "machine": machine, "next_step": step})
        return 0
    titles = filter(None, [workspace.course.title, workspace.course.institution])
    say(f"[bold]{escape(', '.join(titles))}[/]  {escape(str(workspace.root))}")
    if workspace.instructor:
        say("The instructor's copy: modules are in source/, the package is tinytorch_ref/.")
        for text in extensions("info"):
            say(text())
        if workspace.course.hidden:
            say(f"Hidden: {', '.join(workspace.course.hidden)}.")
        for gap in workspace.course.gaps():
            say(f"[red]{escape(gap)}[/]")
    say(_modules(workspace, statuses))
    say("[dim]points: visible checks that passed, + written answers, which a person reads;[/]")
    say("[dim]was: when you last ran `tito test`[/]\n")
    say(_versions(workspace, machine))
    say(f"[bold]Next step:[/] {escape(step)}")
    return 0


def _status(workspace: Workspace, row: Module, known: dict) -> Status:
    if row.state == "given":
        return Status(row.name, "given", "given: nothing to do")
    if row.state == "elective":
        return Status(row.name, "elective", "elective: not taught here")
    if row.state == "draft" or not workspace.is_here(row.name):
        return Status(row.name, "not released", "not released yet")
    if not workspace.notebook(row.name).is_file() and known["submissions"].get(row.name):
        return Status(row.name, "gone", "submitted; its notebook is gone")
    if not workspace.notebook(row.name).is_file():
        return Status(row.name, "missing", "the notebook is missing")
    try:
        own = notebooks.load(workspace.notebook(row.name))
        untouched = notebooks.untouched(workspace, row.name, own)
    except UserError:
        return Status(row.name, "unreadable", "the notebook is unreadable")
    tested, submission = known["tests"].get(row.name), known["submissions"].get(row.name)
    found, text = _progress(workspace, row.name, own, untouched, tested)
    if submission and found not in ("rescued", "not started"):
        found, text = _handed_in(submission, own, found)
    return Status(row.name, found, text, (tested or {}).get("seen"), *notebooks.total(own))


def _handed_in(submission, own, found):
    if not steps.is_submitted(submission, own):
        return found, "changed since submitted"
    has_gaps = notebooks.empty_stubs(own) or notebooks.empty_answers(own)
    return "submitted", "submitted with gaps" if has_gaps else "submitted"


def _progress(workspace, name, own, untouched, tested):
    if is_rescued(workspace.export(name)):
        return "rescued", "published solution installed"
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


def _next_step(workspace, statuses) -> str:
    """The next step of the first module that is not done; in the instructor's copy first what hands the course out."""
    if workspace.instructor and (step := _handing_out(workspace, statuses)):
        return step
    for status in statuses:
        step = "" if status.state in ("not released", "given", "elective", "gone") else _step(workspace, status)
        if step:
            return step
    waiting = next((status.module for status in statuses if status.state == "not released"), None)
    return f"none until module {waiting} is released" if waiting else "none: every module is done"


def _handing_out(workspace, statuses) -> str:
    """How students get their next module; "" where an author is at work on a notebook."""
    taught = workspace.released()
    if not taught or any(status.state != "synced" for status in statuses if status.module in taught):
        return ""
    released = [name for name in taught if (workspace.root / "release" / name).is_dir()]
    kit = workspace.root / "dist" / workspace.course.repository / "modules"
    if not all((kit / name).is_dir() for name in released):
        return f"{steps.TITO} kit"
    waiting = next((name for name in taught if name not in released), None)
    if waiting is None:
        return "none: students have every module"
    return f"{steps.TITO} release {waiting}" + (f"  (students have {', '.join(released)})" if released else "")


def _step(workspace, status) -> str:
    """What is left to do with a module; "" where nothing is left."""
    name = status.module
    notebook = workspace.relative(workspace.notebook(name))
    if status.state in PASSED:
        return steps.after_tests(workspace, workspace.course.modules[name])
    if status.state == "unreadable" and notebooks.holds_two_versions(workspace.notebook(name)):
        return f"{steps.TITO} update  (git left two versions in {notebook}: it says how to go on)"
    if status.state in ("missing", "unreadable"):
        return f"{steps.TITO} reset --module {name}"
    if status.state == "not started":
        return f"jupyter lab {notebook}  (first read {workspace.relative(workspace.modules / name)}/README.md)"
    if status.state == "tests failed":
        return f"jupyter lab {notebook}  ({steps.TITO} test --module {name} says what is wrong)"
    own = notebooks.load(workspace.notebook(name))
    empty = notebooks.empty_stubs(own)
    if empty:
        return f"jupyter lab {notebook}  (next stub: {empty[0]})"
    return f"{steps.TITO} {'test' if is_fresh(own, workspace.export(name)) else 'sync'} --module {name}"


def _modules(workspace, statuses):
    """The table of the modules, without the columns that the terminal is too narrow for."""
    wide = console().options.update(width=1000)
    for left_out in ([], ["after"], ["after", "min"]):
        shown = _table(workspace, statuses, left_out)
        if console().measure(shown, options=wide).maximum <= console().width:
            break
    return shown


def _table(workspace, statuses, left_out):
    rows = workspace.course.modules
    left_out = left_out if any(row.due for row in rows.values()) else [*left_out, "due"]
    columns = [name for name in ("", "module", "state", "points", "after", "min", "due") if name not in left_out]
    shown = table(*columns)
    for status in statuses:
        row = rows[status.module]
        cells = {
            "": "" if row.state == "elective" else str(row.number),
            "module": escape(row.title),
            "state": f"[{COLOURS.get(status.text, 'default')}]{status.text}[/]",
            "points": _points(status),
            "after": ", ".join(row.prerequisites),
            "min": str(row.minutes),
            "due": f"{row.due:%d %b %H:%M}" if row.due else "",
        }
        shown.add_row(*(cells[name] for name in columns))
    shown.columns[2].no_wrap = True
    return shown


def _points(status):
    """The points whose visible checks passed, and those for answers. "was" where only an older test knows them."""
    if status.points is None:
        return ""
    seen = "-" if status.points_seen is None else f"{status.points_seen:g}"
    current = status.points_seen is None or status.state in ("tests passed", "tests failed", "submitted")
    written = f" + {status.points_for_answers:g}" if status.points_for_answers else ""
    return f"{seen} of {status.points:g}{written}" if current else f"[dim]was {seen} of {status.points:g}{written}[/]"


def _versions(workspace, machine):
    packages = [f"{name} {machine[name] or '[red]missing[/]'}" for name in ("numpy", "jupyterlab", "nbdev")]
    environment = escape(machine["environment"] or "")
    active = f"active ({environment})" if environment else f"[red]not active[/]: {activate_line()}"
    lines = [f"Python {machine['python']}, {', '.join(packages)}", f"Virtual environment {active}"]
    if made_for(workspace.root):  # a notebook would import the package of the other folder
        lines.append(f"[red]{escape(what_helps(workspace.root))}[/]")
    elif elsewhere := installed_from(workspace.root):
        mend = "python -m pip install -e . --no-deps"
        lines.append(f"[red]Notebooks import the tinytorch of {escape(elsewhere)}[/], not of this workspace: {mend}")
    return "\n".join([*lines, ""])
