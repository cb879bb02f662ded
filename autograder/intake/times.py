"""Find out when something was handed in."""

import re
from datetime import UTC, datetime

from nbgrader.utils import parse_utc

PACKED = re.compile(r"-(\d{8}T\d{6})Z(?:-\d+)?\.zip(?:/|$)")  # by tito submit


def time_in(text: str | None) -> datetime | None:
    """The time in a text, in the exchange's form or in Blackboard's; None if there is none."""
    if not text:
        return None
    digits = re.fullmatch(r"(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)", text)
    try:
        return parse_utc("{} {}:{}:{}".format(*digits.groups()) if digits else text).replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def packed_at(path: str) -> datetime | None:
    """When `tito submit` packed the zip that a path leads through; None if it leads through none."""
    found = PACKED.search(path)
    return datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC) if found else None
