"""tito doctor: what an operator's machine lacks for this course, and what to do about it."""

import getpass
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from jupyter_core.paths import jupyter_config_path
from nbgrader.apps import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import Exchange
from sqlalchemy.exc import SQLAlchemyError

from autograder.commands.failures import explain_failure
from autograder.engine import sandbox
from autograder.watching.state import queue_line
from tito.console import escape, print_json, say
from tito.workspace import UserError, Workspace

LITTLE = 2_000_000_000  # bytes: a night's work on a large class
CONFIG = "nbgrader_config.py"


@dataclass(frozen=True)
class Finding:
    """What was looked at, and how it is. help: what to do; "" where all is well"""

    about: str
    text: str
    help: str = ""


def doctor(json: bool) -> int:
    """Look at everything, and change nothing. Returns 1 if something is to be done."""
    workspace = Workspace.find()
    if not workspace.instructor:
        raise UserError("This is a student's workspace: tito info shows how it is.")
    found = [*_folder(workspace.root), *_disk(workspace.root), *_isolation(), *_database(workspace)]
    found += [*_exchange(workspace), *_config(workspace), *_watch(workspace)]
    if json:
        print_json([asdict(one) for one in found])
    else:
        _show(found)
    return 1 if any(one.help for one in found) else 0


def _show(found: list[Finding]) -> None:
    for one in found:  # no table, which would break commands that people copy
        mark = "[bold red]✗[/]" if one.help else "[green]✓[/]"
        say(f"{mark} [bold]{one.about}:[/] {escape(one.text)}")
        if one.help:
            say(f"    {escape(one.help)}")


def _folder(root: Path) -> Iterator[Finding]:
    """Whether other users can read solutions and grades."""
    mode = stat.S_IMODE(root.stat().st_mode)
    if mode & 0o077:
        yield Finding("folder", f"other users may open {root} (mode {mode:o})", f"chmod 700 {root}")
    else:
        yield Finding("folder", f"nobody else may open {root}")


def _disk(root: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(root).free
    text = f"{free / 1e9:.1f} GB free"
    yield Finding("disk", text, "make room: grading stops where a disk is full" if free < LITTLE else "")


def _isolation() -> Iterator[Finding]:
    text = f"submissions are graded with these protected: {', '.join(sorted(sandbox.active())) or 'nothing'}"
    lacks = f"this machine lacks {sandbox.lacking()}" if sandbox.absent() else ""
    yield Finding("isolation", text, lacks)


def _database(workspace: Workspace) -> Iterator[Finding]:
    """Whether the gradebook answers, and is whole. It is not made here."""
    engine = sa.create_engine(_loaded(workspace.root, CourseDirectory).db_url)
    shown = engine.url.render_as_string(hide_password=True)
    try:
        if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").is_file():
            yield Finding("database", f"{shown} is not there yet", "tito release makes it")
            return
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                said = connection.exec_driver_sql("PRAGMA quick_check").scalar()
                if said != "ok":
                    yield Finding("database", f"{shown} is damaged: {said}", "restore the last back-up")
                    return
            yield Finding("database", f"{shown} answers")
    except SQLAlchemyError as error:
        yield Finding("database", explain_failure(error) or str(error), "start the database, or mend its address")
    finally:
        engine.dispose()


def _exchange(workspace: Workspace) -> Iterator[Finding]:
    """Whether students can hand in through nbgrader's exchange."""
    root = Path(_loaded(workspace.root, Exchange).root)
    if not root.is_dir():
        yield Finding("exchange", f"{root} is not there", f"for the exchange: mkdir -p {root} && chmod 1777 {root}")
        return
    mode = stat.S_IMODE(root.stat().st_mode)
    if mode & 0o007 != 0o007:
        yield Finding("exchange", f"students may not write to {root} (mode {mode:o})", f"chmod 1777 {root}")
        return
    for folder in (root / workspace.course.course, root / workspace.course.course / "inbound"):
        if folder.is_dir() and not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            mend = f"give it to whoever grades: chown {getpass.getuser()} {folder}"
            yield Finding("exchange", f"{folder} belongs to somebody else", mend)
            return
    yield Finding("exchange", f"students can hand in at {root}")


def _config(workspace: Workspace) -> Iterator[Finding]:
    """Whether nbgrader and formgrader know the course from where Jupyter's server usually starts."""
    wanted, home = workspace.course.course, Path.home()
    known: Any = _loaded(home, CourseDirectory)
    if known.course_id == wanted and Path(known.root).resolve() == workspace.root:
        yield Finding("configuration", "nbgrader finds the course from any folder")
        return
    place = next(
        (Path(path) for path in jupyter_config_path() if os.access(path, os.W_OK)), Path(jupyter_config_path()[0])
    )
    lines = f"c = get_config(); load_subconfig({str(workspace.root / CONFIG)!r})"
    text = f"outside of {workspace.root} nbgrader looks for {known.course_id or 'no course'} in {known.root}"
    yield Finding("configuration", text, f"for formgrader there, write into {place / CONFIG}: {lines}")


def _watch(workspace: Workspace) -> Iterator[Finding]:
    line = queue_line(workspace)
    if line:
        yield Finding("watch", line, "systemctl start tinytorch-watch" if "does not run" in line else "")


def _loaded(folder: Path, kind: Any) -> Any:
    """A configurable of nbgrader, as its commands have it in `folder`."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        app = NbGrader()
        app.log.setLevel("CRITICAL")
        app.load_config_file()
        made = kind(config=app.config)
        made.root  # where nothing names it, it is the current folder  # noqa: B018
        return made
    finally:
        os.chdir(before)
