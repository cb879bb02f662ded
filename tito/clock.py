"""Moments and clock times: read them from a text, and find the moment of a clock time in a time zone.

A moment is an aware datetime. A clock time is a naive one: it becomes a moment in a zone. The functions raise
ValueError, which says what is wrong with a time; the caller adds where the time stands.
"""

import difflib
import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

TEXT = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)\s*(.*)", re.DOTALL | re.ASCII)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?", re.ASCII)
YEARS = range(1970, 3000)  # outside of them, days and offsets lead out of the calendar


def zone_named(name: object) -> ZoneInfo:
    """The time zone of an IANA name. Raises ValueError for an unknown name."""
    try:
        return ZoneInfo(str(name))
    except (ValueError, OSError, LookupError):
        known = {one.lower(): one for one in available_timezones()}
        close = difflib.get_close_matches(str(name).lower(), known, n=1)
        hint = f" Did you mean {known[close[0]]}?" if close else ""
        raise ValueError(f"{name!r} is no time zone by an IANA name, such as Europe/Berlin.{hint}") from None


def moment(text: str, zone: ZoneInfo | None) -> datetime:
    """The moment in a text like `2027-02-01 23:59:00 +0100`. Without an offset it is a clock time in `zone`."""
    text = text.removeprefix("\ufeff").strip()
    found = TEXT.fullmatch(text)
    if not found:
        missing = ": the hour is missing" if DAY.fullmatch(text) else ""
        raise ValueError(f"{text[:60]!r} is no time like 2027-02-01 23:59{' +0100' * (zone is None)}{missing}")
    day, time, offset = found.groups()
    if int(day[:4]) not in YEARS:
        raise ValueError(f"{text[:60]!r}: the year must be one from {YEARS[0]} to {YEARS[-1]}")
    try:
        clock = datetime.fromisoformat(f"{day}T{time.replace(',', '.')}")
        return clock.replace(tzinfo=_offset(offset)).astimezone(UTC) if offset else at_clock(clock, zone)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:60]!r}: {error}") from None


def shown(moment: datetime, zone: ZoneInfo | None) -> str:
    """A moment for people, by the clock of `zone`; in UTC without one."""
    return f"{moment.astimezone(zone or UTC):%Y-%m-%d %H:%M %Z}"


def _offset(text: str) -> timezone:
    """The offset behind a time. Only UTC has letters: other letters mean different offsets in different places."""
    if text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    found = OFFSET.fullmatch(text)
    if not found or int(found[2]) > 14 or int(found[3] or 0) > 59:
        raise ValueError(f"{text[:30]!r} is no offset: write +02:00 or UTC, say")
    away = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(away if found[1] == "+" else -away)


def at_clock(clock: datetime, zone: ZoneInfo | None) -> datetime:
    """The moment of a clock time in `zone`. Raises ValueError if there is no zone, no such moment, or two of them."""
    if zone is None:
        raise ValueError(f"{clock} has no offset from UTC, and course.yml no timezone: to read it by")
    first, second = _readings(clock, zone)
    if first != second:
        raise ValueError(f"{clock} is when the clocks change in {zone.key}: it needs an offset, such as +02:00")
    return first


def days_after(start: datetime, days: float, zone: ZoneInfo | None) -> datetime:
    """The moment `days` calendar days later, at the same clock time.

    Without a zone a day has 24 hours. A clock time that comes twice or never counts as the later moment.
    """
    if zone is None:
        return start + timedelta(days=days)
    clock = start.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    return max(start, *_readings(clock, zone)) if days else start


def _readings(clock: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The two moments, in UTC, that a clock time can mean. They are equal, except when the clocks change."""
    first, second = (clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    return first, second
