"""tito watch: what is handed in → a provisional page, within a minute."""

import signal
import time
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import Exchange

from autograder.engine.pool import Options
from autograder.gradebook.api import nbgrader_api
from autograder.intake.inbox import Inbox
from autograder.watching.state import only_one, tell
from autograder.watching.watcher import Answered, Watcher
from tito.console import escape, say
from tito.workspace import UserError, Workspace


def watch(modules: list[str], folder: Path | None, seconds: float, once: bool, options: Options) -> int:
    """Look every `seconds`, until Ctrl-C or SIGTERM; or answer what is there now, `once`.

    folder: what to watch; None for nbgrader's exchange
    """
    workspace = Workspace.find()
    if not workspace.instructor:
        raise UserError("This is a student's workspace: hand-ins are watched in the course's folder.")
    chosen = [workspace.module(name).name for name in modules] or workspace.released()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with only_one(workspace.root):
        watcher = Watcher(workspace.root, Inbox((folder or inbound(workspace)).resolve()), chosen, options, not modules)
        if once:
            watcher.look()
            time.sleep(seconds)
            return 1 if any(one.trouble for one in _round(watcher, 0)) else 0
        answered = 0
        while True:
            answered += len(_round(watcher, answered))
            time.sleep(seconds)


def inbound(workspace: Workspace) -> Path:
    """Where nbgrader's exchange has what was handed in."""
    with nbgrader_api(workspace) as api:
        exchange: Any = Exchange(config=api.config)  # its traits have no types
        return Path(exchange.root) / api.coursedir.course_id / "inbound"


def _round(watcher: Watcher, before: int) -> list[Answered]:
    """Look once, and answer what is there."""
    done: list[Answered] = []
    watcher.look()
    _tell(watcher, before)
    for one in watcher.answer():
        done.append(one)
        _say(one)
        _tell(watcher, before + len(done))
    return done


def _say(one: Answered) -> None:
    whose = f"{one.module} {one.student or one.name}".strip()
    after = f", {one.seconds:.0f} s after it arrived" if one.seconds else ""
    text = f"[bold red]{escape(one.text)}[/]" if one.trouble else escape(one.text)
    say(f"{datetime.now():%H:%M:%S} {escape(whose)}: {text}{after}")


def _tell(watcher: Watcher, answered: int) -> None:
    tell(watcher.root, watcher.queue() | {"answered": answered})
