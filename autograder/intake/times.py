"""Find out when something was handed in, as far as the system that brought it, or a person, says it."""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.intake.archives import read_plain
from tito import clock
from tito.workspace import UserError, Workspace

STAMP = "timestamp.txt"  # beside a notebook, as nbgrader's exchange writes it
IN_TIME = "in time"  # instead of a time, where that is all that is known
AHEAD = timedelta(days=1)  # how far two clocks, and two readings of a clock time, may be apart
FIRST = datetime(2020, 1, 1, tzinfo=UTC)  # before there was this course
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class When:
    """When something was handed in.

    moment: in UTC; None if nobody says it
    late: whether it was late, where that is all that somebody says; None if nobody says it
    """

    moment: datetime | None = None
    late: bool | None = None

    def is_late(self, due: datetime | None) -> bool | None:
        """Whether it came after the deadline; None if nobody knows."""
        if due is None:
            return bool(self.late)
        return self.moment > due if self.moment else self.late

    def is_enough(self, due: datetime | None) -> bool:
        """Whether it says what being late costs: it was in time, or it is known how late it was."""
        return due is None or self.moment is not None or self.late is False

    def stamp(self, due: datetime | None) -> str | None:
        """The text for timestamp.txt; None for nothing. `in time` needs a deadline that was met."""
        if self.moment:
            return f"{self.moment:%Y-%m-%d %H:%M:%S.%f} UTC"
        return IN_TIME if due and self.late is False else None


def when_by(text: str, zone: ZoneInfo | None) -> When:
    """What a text says, a time or `in time`. Raises ValueError if it says neither, or one that can't be."""
    if text.removeprefix("\ufeff").strip().casefold() == IN_TIME:
        return When(late=False)
    moment, now = clock.moment(_usual(text), zone), datetime.now(UTC)
    if moment > now + AHEAD:
        raise ValueError(
            f"{text.strip()[:60]!r} is still to come: by this machine's clock it is {clock.shown(now, zone)}"
        )
    if moment < FIRST:
        raise ValueError(f"{text.strip()[:60]!r} is before there was this course")
    return When(moment)


def _usual(text: str) -> str:
    """A time in the usual form, of one in Blackboard's form, or in Brightspace's."""
    if found := re.fullmatch(r"(\d{4}-\d\d-\d\d)-(\d\d)-(\d\d)-(\d\d)", text):
        return "{} {}:{}:{}".format(*found.groups())
    if found := re.fullmatch(r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}) (\d{1,2})(\d\d) ?([AP])M", text):
        month, day, year, hour, minute, half = found.groups()
        if month in MONTHS and 1 <= int(hour) <= 12:
            hours = int(hour) % 12 + 12 * (half == "P")
            return f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02} {hours:02}:{minute}"
    return text


def when(workspace: Workspace, folder: Path) -> When:
    """When the submission in `folder` was handed in. Raises UserError, which names the file, if it can't be read."""
    path = folder / STAMP
    if not path.is_symlink() and not path.exists():
        return When()
    try:
        return when_by(read_plain(path, 1000).decode(), workspace.course.zone)
    except (OSError, ValueError, UserError) as error:
        raise UserError(f"{os.path.relpath(path, workspace.root)} can't be read: {error}") from None


def handed_in(workspace: Workspace, folder: Path) -> datetime | None:
    """When the submission in `folder` was handed in; None if its timestamp.txt does not say a time, or there is none.

    Raises UserError, which names the file, if it can't be read.
    """
    return when(workspace, folder).moment
