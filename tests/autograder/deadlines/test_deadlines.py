"""Until when for whom, and what it costs: against an oracle that walks through the calendar; who may see a solution."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.deadlines.accommodations import Accommodations
from autograder.deadlines.deadlines import Deadlines
from autograder.handing_out.kit import _refuse_before_deadline
from tito.workspace import Course, Module, UserError, Workspace

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns")


def deadlines(zone=None, due=NOON, late=None, **allowed) -> Deadlines:
    module = Module(0, "setup", "Setup", "", 30, due=due)
    course = Course("c", "C", "C", {}, {"setup": module}, late, zone)
    return Deadlines(course, Accommodations({"ada": {"all": allowed}}))


# --- an oracle ----------------------------------------------------------------------------------------


def same_clock(start: datetime, days: int, zone: str) -> datetime:
    """The last minute at which the clock shows what it shows at `start`, `days` pages of the calendar later."""
    local = start.astimezone(ZoneInfo(zone))
    wanted = (local.date() + timedelta(days=days), local.hour, local.minute)
    around = start + timedelta(days=days)
    for minutes in range(180, -181, -15):
        one = (around + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone))
        if (one.date(), one.hour, one.minute) == wanted:
            return one.astimezone(UTC)
    put_forward = [around + timedelta(minutes=minutes) for minutes in range(-180, 181, 15)]
    shown = [one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for one in put_forward]
    naive = local.replace(tzinfo=None) + timedelta(days=days)
    skipped = next(b - a for a, b in itertools.pairwise(shown) if a < naive < b) - timedelta(minutes=15)
    return next(one for one, clock in zip(put_forward, shown, strict=True) if clock == naive + skipped)


DUES = st.builds(
    lambda day, quarters: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=day, minutes=15 * quarters),
    st.sampled_from([65, 66, 67, 86, 87, 88, 92, 93, 94, 180, 275, 276, 277, 296, 297, 298, 303, 304, 305]),
    st.integers(0, 95),
)
RULES = st.fixed_dictionaries(
    {},
    optional={
        "grace_minutes": st.integers(0, 3000),
        "percent_per_day": st.integers(0, 60),
        "at_most_percent": st.integers(0, 120),
        "zero_after_days": st.integers(0, 9),
    },
)


@given(st.sampled_from(ZONES), DUES, st.integers(0, 8), RULES, st.integers(-3000, 12000))
def test_due_and_cost_are_those_of_the_calendar(zone, due, days, late, minutes):
    asked = deadlines(zone, due, late, extra_days=days)
    until = same_clock(due, days, zone) if days else due
    assert asked.due("ada", "setup") == until
    assert asked.due("bob", "setup") == due
    handed_in = due + timedelta(minutes=minutes)
    begun = next(n for n in range(60) if handed_in <= (same_clock(until, n, zone) if n else until))
    percent = min(late.get("percent_per_day", 0) * begun, late.get("at_most_percent", 100), 100)
    if begun > late.get("zero_after_days", 99):
        percent = 100
    if handed_in <= until + timedelta(minutes=late.get("grace_minutes", 0)):
        percent = 0
    assert asked.share("ada", "setup", handed_in) == pytest.approx(percent / 100)
    assert asked.late_by("ada", "setup", handed_in) == max(timedelta(), handed_in - until)


@given(RULES, st.lists(st.floats(0, 3e6), min_size=2, max_size=2), st.sampled_from([None, *ZONES]))
def test_later_never_costs_less_nor_more_than_there_is(late, seconds, zone):
    first, last = (
        deadlines(zone, late=late).share("ada", "setup", NOON + timedelta(seconds=one)) for one in sorted(seconds)
    )
    assert 0 <= first <= last <= 1


# --- single cases -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "due", "days", "until"),
    [
        ("Europe/Berlin", "2026-10-24T23:59+02:00", 1, "2026-10-25T23:59+01:00"),  # 25 hours
        ("Europe/Berlin", "2026-03-28T23:59+01:00", 1, "2026-03-29T23:59+02:00"),  # 23 hours
        ("America/New_York", "2026-10-31T23:59-04:00", 2, "2026-11-02T23:59-05:00"),
        ("Europe/Berlin", "2026-10-24T02:30+02:00", 1, "2026-10-25T02:30+01:00"),  # shown twice: the later
        ("Europe/Berlin", "2026-03-28T02:30+01:00", 1, "2026-03-29T03:30+02:00"),  # shown never: an hour on
        ("Asia/Kolkata", "2026-10-24T23:59+05:30", 1, "2026-10-25T23:59+05:30"),
        (None, "2026-10-24T23:59+02:00", 1, "2026-10-25T23:59+02:00"),  # a clock that never changes
    ],
)
def test_an_extra_day_is_a_day_of_the_calendar(zone, due, days, until):
    asked = deadlines(zone, datetime.fromisoformat(due), extra_days=days)
    assert asked.due("ada", "setup") == datetime.fromisoformat(until)


def test_an_accommodation_never_costs_anybody_time():
    early, late = NOON - timedelta(days=3), NOON + timedelta(days=3)
    assert deadlines(due=NOON, extra_days=1).due("ada", "setup") == NOON + timedelta(days=1)
    assert deadlines(due=NOON).due("ada", "setup") == NOON
    for due, until in ((early, NOON), (late, late)):
        asked = deadlines()
        asked.allowed.rows["ada"] = {"setup": {"due": due}}
        assert asked.due("ada", "setup") == until
    asked.allowed.rows["ada"] = {"all": {"extra_days": 9}, "setup": {"due": late}}
    assert asked.due("ada", "setup") == late  # what is said of the module counts
    assert deadlines(due=None, extra_days=3).due("ada", "setup") is None


IDS = ["00123", "007", "no", "yes", "1_000", "12:30", "null", "~", "0x1F", "1e3", "2026-01-01", "true", ".5", "zoë"]


@pytest.mark.parametrize("student", IDS)
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_students_id_is_the_text_as_it_stands(classroom, student, quote):
    (classroom / "accommodations.yml").write_text(f"{quote}{student}{quote}: {{all: {{extra_days: 1}}}}\n")
    allowed = Accommodations.read(Workspace.find(classroom))
    assert allowed.rows == {student: {"all": {"extra_days": 1}}}
    allowed.refuse_unknown({student})
    with pytest.raises(UserError, match="there is no student"):
        allowed.refuse_unknown({"0" + student, "83", "123"})


@given(st.dictionaries(st.text(st.characters(categories=["L", "N", "Pd", "Zs"]), min_size=1), st.just({}), max_size=5))
def test_any_id_that_yaml_can_write_comes_back(tmp_path_factory, students):
    root = tmp_path_factory.mktemp("ids")
    (root / "course.yml").write_text("{course: c, title: C, repository: C, limits: {}, modules: []}")
    text = "".join(f"{json.dumps(one, ensure_ascii=False)}: {{all: {{no_penalty: yes}}}}\n" for one in students)
    (root / "accommodations.yml").write_text(text, encoding="utf-8")
    assert Accommodations.read(Workspace.find(root)).rows == {one: {"all": {"no_penalty": True}} for one in students}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("extra_days: -1", "extra_days: '-1' is not understood"),
        ("extra_days: .inf", "'.inf' is not understood"),
        ("extra_days: 1e9", "'1e9' is not understood"),
        ("extra_days: 99999", "'99999' is not understood"),
        ("extra_days: ", "'' is not understood"),
        ("no_penalty: maybe", "'maybe' is not understood"),
        ("no_penalty: [true]", "is not understood"),
        ("due: 2026-03-01", "is no time like"),
        ("due: 2026-03-01 12:00 CEST", "'CEST' is no offset"),
        ("due: 2026-03-01 12:00", "no timezone"),
    ],
)
def test_a_value_that_is_none_is_refused(classroom, entry, said):
    (classroom / "accommodations.yml").write_text(f"ada: {{all: {{{entry}}}}}\n")
    with pytest.raises(UserError) as raised:
        Accommodations.read(Workspace.find(classroom))
    assert "accommodations.yml: ada, all: " in str(raised.value)
    assert said in str(raised.value)


# --- who may see a solution ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "who"),
    [
        ("ada: {all: {extra_days: 3000}}", "ada"),
        ("ada: {setup: {extra_days: 3000}}\nbob: {all: {due: 2999-01-01T12:00:00Z}}", "ada, bob"),
        ("'007': {setup: {due: 2999-01-01T12:00:00Z, no_penalty: true}}", "007"),
        ("ada: {setup: {extra_days: 1}}", None),
        ("ada: {tensor: {due: 2999-01-01T12:00:00Z}}", None),
        ("ada: {all: {no_penalty: true}}", None),
    ],
)
def test_a_solution_is_not_published_while_anybody_has_time(classroom, allowed, who):
    manifest = classroom / "course.yml"
    text = manifest.read_text().replace("due: null", "due: 2026-01-01T12:00:00Z", 1)
    manifest.write_text(text.replace("timezone: null", "timezone: Asia/Kolkata"))
    (classroom / "accommodations.yml").write_text(allowed)
    workspace = Workspace.find(classroom)
    if who is None:
        _refuse_before_deadline(workspace, "setup")
    else:
        with pytest.raises(UserError, match=f"{who} may still hand in setup: its solution can be published after"):
            _refuse_before_deadline(workspace, "setup")


def test_without_a_due_date_an_own_deadline_still_holds_the_solution_back(classroom):
    (classroom / "accommodations.yml").write_text("ada: {setup: {due: 2999-01-01T12:00:00Z}}")
    with pytest.raises(UserError, match="ada may still hand in setup"):
        _refuse_before_deadline(Workspace.find(classroom), "setup")
