"""Being late: the rule, what single students are allowed, and that both graders, pages and exports agree on it."""

import csv
import re
from datetime import UTC, datetime, timedelta

import pytest
from nbgrader.api import Gradebook

from autograder.deadlines.accommodations import Accommodations
from autograder.deadlines.late import Rule
from tests.autograder.conftest import nbgrader
from tito.workspace import UserError, Workspace

RULE = "late: {grace_minutes: 15, percent_per_day: 10, at_most_percent: 50, zero_after_days: 7}\n"
DAY = 86400
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "percent"),
    [
        (0, 0),
        (900, 0),
        (901, 10),
        (DAY, 10),
        (DAY + 1, 20),
        (4.5 * DAY, 50),
        (7 * DAY, 50),
        (7 * DAY + 1, 100),
        (1000 * DAY, 100),
    ],
)
def test_the_rule(seconds, percent):
    assert 100 * Rule(15, 10, 50, 7).share(NOON, NOON + timedelta(seconds=seconds)) == pytest.approx(percent)


@pytest.fixture
def graded(shut_in, classroom, hand_in, solved, tito):
    """Five students: in time, a day late, and a day late with a later deadline, with two days more, and forgiven."""
    manifest = classroom / "course.yml"
    text = manifest.read_text().replace("due: null", "due: 2026-03-01T12:00:00+01:00", 1)
    manifest.write_text(RULE + text.replace("timezone: null", "timezone: Europe/Berlin"))
    (classroom / "accommodations.yml").write_text(
        "later:\n  setup: {due: 2026-03-05T12:00:00+01:00, why: ill}\n"
        "more:\n  all: {extra_days: 2}\n"
        "forgiven:\n  all: {no_penalty: true}\n"
    )
    for name in ("early", "late", "later", "more", "forgiven"):
        folder = hand_in(classroom, name, solved())
        day = 1 if name == "early" else 2
        (folder / "timestamp.txt").write_text(f"2026-03-0{day} 10:30:00 UTC")
    assert tito("release", "setup")[0] == 0
    return classroom


def penalties(root) -> dict:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        found = gradebook.assignment_submissions("setup")
        return {one.student_id: round(one.late_submission_penalty or 0, 3) for one in found}


DUE = {"early": 0, "late": 0.9, "later": 0, "more": 0, "forgiven": 0}  # of 9 points


def test_tito_grade(graded, tito):
    assert tito("grade", "setup")[0] == 0
    assert penalties(graded) == DUE


def test_nbgrader_autograde(graded):
    code, said = nbgrader("autograde", "setup")
    assert code == 0, said
    assert penalties(graded) == DUE


def test_points_by_hand_count_in_page_and_export(graded, tito):
    assert tito("grade", "setup")[0] == 0
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        for name in ("late", "early"):
            grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", name)
            grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()
    assert tito("grades", "export", "setup", "--anyway")[0] == 0
    rows = {row["student"]: row for row in csv.DictReader((graded / "grades-plain.csv").open())}
    assert (float(rows["late"]["late_penalty"]), float(rows["late"]["score"])) == (1.1, 9.9)
    assert (float(rows["early"]["late_penalty"]), float(rows["early"]["score"])) == (0, 11)
    assert rows["late"]["handed_in"] == "2026-03-02T11:30:00+01:00"  # by the clock of the due date
    assert tito("feedback", "setup", "--anyway")[0] in (0, 1)
    page = (graded / "feedback/late/setup/setup_dev.html").read_text()
    assert re.search(r"after a late penalty of 1\.1\b", page)
    assert penalties(graded)["late"] == 1.1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ada: 3", "ada: modules, or all were expected"),
        ("ada: {history: {extra_days: 1}}", "there is no module 'history'"),
        ("ada: {tenser: {extra_days: 1}}", "there is no module 'tenser'. Did you mean tensor?"),
        ("ada: {mlp: {days: 1}}", "days: '1' is not understood"),
        ("ada: {mlp: {extra_days: soon}}", "extra_days: 'soon' is not understood"),
        ("ada: {mlp: {due: 2027-02-08T23:59:00}}", "must be like"),
        ("ada: [", "can't be read"),
    ],
)
def test_what_is_wrong_is_named(classroom, text, said):
    (classroom / "accommodations.yml").write_text(text)
    with pytest.raises(UserError, match=r"accommodations\.yml") as raised:
        Accommodations.read(Workspace.find(classroom))
    assert said in str(raised.value)


@pytest.mark.parametrize(("own", "costs"), [("{}", None), ("{percent_per_day: 20}", 0.2), ("null", 0.1)])
def test_a_module_can_have_a_rule_of_its_own_or_none(classroom, own, costs):
    manifest = classroom / "course.yml"
    manifest.write_text(f"late: {{percent_per_day: 10}}\n{manifest.read_text()}")
    (classroom / "term.yml").write_text(f"modules:\n  setup: {{late: {own}}}\n")
    rule = Rule.of(Workspace.find(classroom).course, "setup")
    assert (rule and rule.share(NOON, NOON + timedelta(hours=1))) == costs


@pytest.mark.parametrize("rule", ["{percent: 3}", "{percent_per_day: many}", "{grace_minutes: -1}"])
def test_a_rule_that_can_not_be_read(classroom, rule):
    manifest = classroom / "course.yml"
    manifest.write_text(f"late: {rule}\n{manifest.read_text()}")
    with pytest.raises(UserError, match="late of setup can't be read"):
        Rule.of(Workspace.find(classroom).course, "setup")
