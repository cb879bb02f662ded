"""Who else has a notebook open: what an editor still shows may be written over what tito changed on the disk."""

import json
import time
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path

from tito.workspace import Workspace

ANSWER_SECONDS = 2
RECENTLY = 15 * 60  # seconds: who saved this lately may still have the notebook open


def advice(workspace: Workspace, saved: Mapping[Path, float]) -> list[str]:
    """What to do about notebooks that tito changed, one line for each that may be open.

    saved: the notebooks -> when each was saved before that, in seconds since the epoch
    """
    if not saved:
        return []
    shown, lines = open_in_jupyter(), []
    for path, time_ in saved.items():
        name = workspace.relative(path)
        if path.resolve() in shown:
            lines.append(f"{name} is open in Jupyter, which still shows the old text. There: {_RELOAD}")
        elif time.time() - time_ < RECENTLY:
            lines.append(f"{name} was saved a few minutes ago. If it is still open in an editor, there: {_RELOAD}")
    return lines


_RELOAD = "File > Reload Notebook from Disk, which drops what you have not saved there."


def open_in_jupyter() -> set[Path]:
    """The notebooks that have a kernel in one of this user's Jupyter servers, as far as the servers tell."""
    from jupyter_core.paths import jupyter_runtime_dir

    found = set()
    for path in Path(jupyter_runtime_dir()).glob("jpserver-*.json"):
        try:
            server = json.loads(path.read_text(encoding="utf-8"))
            found |= {Path(server["root_dir"], session["path"]).resolve() for session in _sessions(server)}
        except (OSError, HTTPException, ValueError, LookupError, TypeError):  # it is gone, or lets nobody in
            continue
    return found


def _sessions(server: dict) -> list[dict]:
    request = urllib.request.Request(f"{server['url']}api/sessions", headers=_token(server))
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy knows this machine's servers
    with direct.open(request, timeout=ANSWER_SECONDS) as answer:
        return json.loads(answer.read())


def _token(server: dict) -> dict[str, str]:
    return {"Authorization": f"token {server['token']}"} if server.get("token") else {}
