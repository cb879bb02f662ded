"""tito restore: what reset, rescue and update put aside, and how it comes back."""

import re
from datetime import datetime
from pathlib import Path

from tito import editors, files
from tito.console import escape, say
from tito.workspace import UserError, Workspace

BACKUP = re.compile(r"(?P<stem>.+)\.backup-(?P<time>\d{8}-\d{6})(?:-\d+)?(?P<suffix>\.\w+)")


def restore(backup: str | None) -> int:
    """Bring a backup back, or list the backups. Returns the exit code."""
    workspace = Workspace.find()
    if workspace.instructor:
        raise UserError("This is the instructor's copy: restore is for a student's.")
    known = backups(workspace)
    if backup is None:
        _list(workspace, known)
    else:
        _bring_back(workspace, _chosen(workspace, known, backup))
    return 0


def backups(workspace: Workspace) -> list[Path]:
    """The backups of notebooks and exports, the latest first."""
    places = (*workspace.modules.glob("*"), workspace.package / "core")
    found = [path for place in places for path in place.glob("*.backup-*") if BACKUP.fullmatch(path.name)]
    return sorted(found, key=lambda path: (_parts(path)["time"], path.name), reverse=True)


def _parts(path: Path) -> re.Match:
    parts = BACKUP.fullmatch(path.name)
    assert parts, path
    return parts


def _target(path: Path) -> Path:
    """What a backup is a backup of."""
    return path.with_name(_parts(path)["stem"] + _parts(path)["suffix"])


def _list(workspace: Workspace, known: list[Path]) -> None:
    if not known:
        say("There is no backup here. reset, rescue and update make one of what they replace.")
        return
    for path in known:
        when = datetime.strptime(_parts(path)["time"], "%Y%m%d-%H%M%S")
        say(f"{when:%d %b %Y, %H:%M:%S}  {escape(workspace.relative(path))}")
    say(f"Bring one back with: python bin/tito.py restore {escape(known[0].name)}")


def _chosen(workspace: Workspace, known: list[Path], name: str) -> Path:
    """The backup with this file name or path. Raises UserError where there is none, or where several have the name."""
    wanted = name.replace("\\", "/")
    found = [path for path in known if path.name == wanted.rpartition("/")[2]]
    found = [path for path in found if workspace.relative(path) == wanted] or found
    if not found:
        raise UserError(f"There is no backup {name!r} here. List them with: python bin/tito.py restore")
    if len(found) > 1:
        raise UserError(f"Several backups have this name. Name one: {', '.join(map(workspace.relative, found))}")
    return found[0]


def _bring_back(workspace: Workspace, backup: Path) -> None:
    target, content = _target(backup), backup.read_bytes()
    name = workspace.relative(target)
    if target.is_file() and target.read_bytes() == content:
        say(f"{escape(name)} is the same as this backup already.")
        return
    saved = {target: target.stat().st_mtime} if target.is_file() and target.suffix == ".ipynb" else {}
    if target.is_file():
        kept = files.keep(target, files.backup_name(target))
        say(f"What stood there is kept as {escape(workspace.relative(kept))}")
    files.write(target, content)
    say(f"{escape(name)} is back as it was: {escape(backup.name)}")
    for advice in editors.advice(workspace, saved):
        say(f"[yellow]{escape(advice)}[/]")
