"""What a running `tito watch` tells `tito info`: a small file, whose time is that of the last look."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from tito import files
from tito.workspace import UserError, Workspace


def _path(root: Path) -> Path:
    return root / ".cache" / "watch.json"


@contextmanager
def only_one(root: Path) -> Iterator[None]:
    """Let one process watch a course. Raises UserError if another one does."""
    _path(root).parent.mkdir(exist_ok=True)
    lock = FileLock(_path(root).with_suffix(".lock"))
    try:
        lock.acquire(timeout=2)
    except Timeout:
        raise UserError("Another `tito watch` is at work in this course. `tito info` shows what it does.") from None
    try:
        yield
    finally:
        lock.release()


def tell(root: Path, state: dict) -> None:
    """Note what is going on, and that it is so now."""
    text, path = json.dumps(state, default=str), _path(root)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        os.utime(path)
    else:
        files.write(path, text)


def queue_line(workspace: Workspace) -> str:
    """The line for `tito info`; "" where nobody ever watched."""
    path = _path(workspace.root)
    try:
        state, looked = json.loads(path.read_text(encoding="utf-8")), datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (FileNotFoundError, ValueError):
        return ""
    lock = FileLock(path.with_suffix(".lock"))
    try:
        lock.acquire(timeout=0)
        lock.release()
        return f"tito watch does not run; it last looked on {looked:%Y-%m-%d at %H:%M} UTC."
    except Timeout:
        ago = (datetime.now(UTC) - looked).total_seconds()
    waiting = f"{state['waiting']} wait" + (f", the oldest since {state['oldest']}" if state["oldest"] else "")
    rest = [f"{state[name]} {what}" for name, what in WORDS.items() if state[name]]
    return f"tito watch: {', '.join([waiting, *rest])}; it looked {ago:.0f} s ago."


WORDS = {"tomorrow": "until tomorrow", "trouble": "need a person", "answered": "answered since its start"}
