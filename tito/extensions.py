"""What the instructor's half adds to tito. tito never imports that half: an installed package names what it adds.

The package does so by entry points of the group `tito` (see pyproject.toml):

    commands   a typer app whose commands tito has, too
    info       a function without arguments: text for `tito info`, with Rich's markup
    failures   a function of an exception: what to say of it, "" where it is not known
"""

from importlib.metadata import PackageNotFoundError, distribution
from typing import Any

from typer.main import get_group

from tito.workspace import UserError, Workspace

COURSE = "tinytorch-course"  # asking this one package is a hundred times as fast as asking all


def extensions(name: str) -> list[Any]:
    """All that is installed under `name`; nothing in a student's workspace."""
    return [] if _in_a_students_workspace() else _installed(name)


def is_left_out(command: str) -> bool:
    """Whether this is one of the instructor's commands, which are installed, but not offered in this folder."""
    return _in_a_students_workspace() and any(command in get_group(app).commands for app in _installed("commands"))


def _installed(name: str) -> list[Any]:
    try:
        found = distribution(COURSE).entry_points.select(group="tito", name=name)
    except PackageNotFoundError:
        return []
    return [entry.load() for entry in found]


def _in_a_students_workspace() -> bool:
    try:
        return not Workspace.find().instructor
    except UserError:
        return False
