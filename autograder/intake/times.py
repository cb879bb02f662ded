"""Find out when something was handed in."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tito import clock
from tito.workspace import UserError, Workspace

STAMP = "timestamp.txt"  # beside a notebook, as nbgrader's exchange writes it
PACKED = re.compile(r"-(\d{8}T\d{6})Z(?:-\d+)?\.zip(?:/|$)")  # by tito submit


def time_in(text: str, zone: ZoneInfo | None) -> datetime:
    """The time in a text, in the exchange's form or in Blackboard's. Raises ValueError if there is none."""
    digits = re.fullmatch(r"(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)", text)
    return clock.moment("{} {}:{}:{}".format(*digits.groups()) if digits else text, zone)


def packed_at(path: str) -> datetime | None:
    """When `tito submit` packed the zip that a path leads through; None if it leads through none."""
    found = PACKED.search(path)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None


def handed_in(workspace: Workspace, folder: Path) -> datetime | None:
    """When the submission in `folder` was handed in; None without a timestamp.txt.

    Raises UserError, which names the file, if it can't be read.
    """
    path = folder / STAMP
    if path.is_symlink() or not path.is_file():
        return None
    try:
        return clock.moment(path.read_bytes().decode(), workspace.course.zone)
    except (OSError, ValueError) as error:
        raise UserError(f"{os.path.relpath(path, workspace.root)} can't be read: {error}") from None
