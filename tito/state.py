"""What tito remembers about a workspace: results of tests and milestones, and submissions, in .tito/state.json."""

import json

from tito import files
from tito.workspace import Workspace


def recall(workspace: Workspace) -> dict:
    """The state: {"tests": {module: result}, "milestones": {recipe: result}, "submissions": {module: result}}."""
    try:
        found = json.loads(_path(workspace).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        found = {}
    sections = found if isinstance(found, dict) else {}
    return {name: _section(sections.get(name)) for name in ("tests", "milestones", "submissions")}


def _section(value):
    return {key: item for key, item in value.items() if isinstance(item, dict)} if isinstance(value, dict) else {}


def remember(workspace: Workspace, section: str, name: str, result: dict) -> None:
    """Add a result to a section of the state. section: one of the keys of what `read` returns."""
    known = recall(workspace)
    known[section][name] = result
    files.write(_path(workspace), json.dumps(known, indent=1, sort_keys=True) + "\n")


def _path(workspace):
    return workspace.root / ".tito" / "state.json"
