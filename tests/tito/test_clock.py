"""Clock times and moments: what is read, what is refused, and days of the calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tito.clock import at_clock, days_after, moment, zone_named
from tito.workspace import UserError

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-25 12:00:00.000000 UTC",  # as nbgrader's exchange writes it
        "2026-11-25 12:00:00 GMT",
        "2026-11-25T12:00:00Z",
        "2026-11-25 13:00:00 +0100",
        "2026-11-25 13:00:00 +01:00",
        "2026-11-25T13:00:00+0100",
        "2026-11-25T13:00:00+01:00",
        "2026-11-25 13:00+01",
        "2026-11-25 06:30:00 -0530",
        "2026-11-25 12:00:00,0 utc",
        "\ufeff2026-11-25 12:00:00 UTC\r\n",
    ],
)
@pytest.mark.parametrize("zone", [None, BERLIN, ZoneInfo("America/New_York")])
def test_what_says_its_offset_is_the_same_moment_everywhere(text, zone):
    assert moment(text, zone) == NOON


@pytest.mark.parametrize("letters", ["CEST", "CET", "EDT", "EST", "BST", "IST", "PST", "Europe/Berlin", "UTC+1", "MEZ"])
@pytest.mark.parametrize("zone", [None, BERLIN])
def test_letters_of_no_offset_are_refused_by_name(letters, zone):
    with pytest.raises(ValueError, match=f"'{letters.replace('+', '.')}' is no offset"):
        moment(f"2026-11-25 12:00:00 {letters}", zone)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-11-25",
        "25.11.2026 12:00",
        "2026-13-01 12:00 UTC",
        "2026-11-25 25:00 UTC",
        "2026-11-25 12 UTC",
        "2026-11-25 12:00 +99:00",
        "2026-11-25 12:00 +01:75",
        "0001-01-01 00:00 +14:00",
        "٢٠٢٦-11-25 12:00 UTC",
    ],
)
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  (each says something else)
        moment(text, BERLIN)


def test_a_clock_time_needs_a_zone():
    assert moment("2026-11-25 13:00:00", BERLIN) == NOON
    assert moment("2026-07-25T13:00:00", BERLIN) == datetime(2026, 7, 25, 11, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match=r"has no offset from UTC, and course\.yml no timezone"):
        moment("2026-11-25 13:00:00", None)


@pytest.mark.parametrize("clock", ["2026-10-25 02:30", "2026-10-25 02:00", "2026-03-29 02:30", "2026-03-29 02:00"])
def test_a_clock_time_that_is_shown_twice_or_never_needs_an_offset(clock):
    with pytest.raises(ValueError, match="clocks change in Europe/Berlin"):
        moment(clock, BERLIN)
    assert moment(f"{clock} +0100", BERLIN)


@pytest.mark.parametrize("name", ["Mars/Base", "CEST", "+01:00", "", "../etc/passwd", "Europe", 3, "/etc/localtime"])
def test_a_zone_that_is_none_is_refused_by_name(home, name):
    with pytest.raises(ValueError, match="is no time zone"):
        zone_named(name)
    manifest = home / "course.yml"
    manifest.write_text(f"timezone: {name!r}\n{manifest.read_text()}")
    words = r"timezone: .* is no time zone" if isinstance(name, str) else "timezone must be a text"
    with pytest.raises(UserError, match=rf"course\.yml: {words}"):
        _ = home.workspace.course


def test_the_nearest_zone_is_named():
    with pytest.raises(ValueError, match="Did you mean Europe/Berlin"):
        zone_named("europe/Berln")


@pytest.mark.parametrize("due", ["2026-09-30T23:59:00", "2026-09-30 23:59", "2026-09-30 23:59:00 +0200"])
def test_due_by_the_courses_clock(home, due):
    home.due("tensor", due)
    manifest = home / "course.yml"
    manifest.write_text(f"timezone: Europe/Berlin\n{manifest.read_text()}")
    found = home.workspace.course.modules["tensor"].due
    assert (found, f"{found:%H:%M}") == (datetime(2026, 9, 30, 21, 59, tzinfo=UTC), "23:59")


@pytest.mark.parametrize("due", ["9999-12-31 23:59", "9999-12-31T23:59:00-05:00", "0001-01-01 00:00:00", "3000-01-01"])
def test_a_due_date_outside_of_all_terms_is_refused(home, due):
    home.due("tensor", due)
    manifest = home / "course.yml"
    manifest.write_text(f"timezone: America/New_York\n{manifest.read_text()}")
    with pytest.raises(UserError, match=r"due of tensor must be like .*(the year must be|the hour is missing)"):
        _ = home.workspace.course


# --- an oracle: the clock of a zone, looked at from minute to minute ----------------------------------

ZONES = [ZoneInfo(one) for one in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")]
CHANGES = [datetime(2026, 3, 29), datetime(2026, 10, 25), datetime(2026, 3, 8), datetime(2026, 11, 1)]
CHANGES += [datetime(2026, 4, 5), datetime(2026, 10, 4)]
NEAR = st.builds(
    lambda day, minutes: day + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-4000, 4000)
)


def shown_at(clock: datetime, zone: ZoneInfo) -> list[datetime]:
    """The moments at which the clock shows a time: found by looking at it, every quarter of an hour."""
    around = [clock.replace(tzinfo=UTC) + timedelta(minutes=minutes) for minutes in range(-15 * 60, 15 * 60 + 1, 15)]
    return [one for one in around if one.astimezone(zone).replace(tzinfo=None) == clock]


@given(NEAR, st.sampled_from(ZONES))
def test_a_clock_time_is_the_one_moment_at_which_it_is_shown(clock, zone):
    found = shown_at(clock, zone)
    if len(found) == 1:
        assert at_clock(clock, zone) == found[0]
    else:
        with pytest.raises(ValueError, match="clocks change"):
            at_clock(clock, zone)


@given(NEAR, st.integers(0, 9), st.sampled_from(ZONES))
def test_some_days_later_the_clock_shows_the_same(start, days, zone):
    moment = start.replace(tzinfo=UTC)
    later = days_after(moment, days, zone)
    wanted = moment.astimezone(zone).replace(tzinfo=None) + timedelta(days=days)
    found = shown_at(wanted, zone)
    if not days:
        assert later == moment
    elif found:
        assert later == max(found)
    else:  # shown never: as much later as the clock was put forward
        assert timedelta() < later.astimezone(zone).replace(tzinfo=None) - wanted <= timedelta(hours=1)


def test_a_day_without_a_zone_has_24_hours():
    assert days_after(NOON, 1.5, None) == NOON + timedelta(hours=36)
