"""After a change of deadlines, nbgrader's numbers and tito's are the same again with the next command."""

import csv
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import grade_module
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tests.autograder.conftest import make_course, nbgrader
from tito.workspace import Workspace

HEAD = "timezone: Europe/Berlin\nlate: {percent_per_day: 20}\n"
DUE = "due: 2026-10-24T23:59:00"  # a Saturday; the night after, clocks are put back
ALLOWED = "sunday:\n  all: {extra_days: 1}\nforgiven:\n  setup: {no_penalty: true}\n"
TIMES = {
    "early": "2026-10-24 20:00:00 UTC",
    "sunday": "2026-10-25 23:30:00",  # 24 hours and a half after the deadline
    "late": "2026-10-25 11:00:00 +0100",
    "forgiven": "2026-10-25 10:00:00 UTC",
}
COSTS = {"early": 0, "sunday": 0, "late": 1.8, "forgiven": 0}  # of 9 points


def edit(path, old, new):
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new, 1))


@pytest.fixture(scope="module")
def once(shut_in, tmp_path_factory, solved, hand_in):
    root = make_course(tmp_path_factory.mktemp("copies"))
    edit(root / "course.yml", "timezone: null", "")
    (root / "course.yml").write_text(HEAD + (root / "course.yml").read_text().replace("due: null", DUE, 1))
    (root / "accommodations.yml").write_text(ALLOWED)
    source = Source.of(Workspace.find(root), "setup")
    with nbgrader_api(source.workspace) as api:
        release_one(api, source)
    for student, time in TIMES.items():
        (hand_in(root, student, solved()) / "timestamp.txt").write_text(time)
    assert not [one for one in grade_module(source) if one.trouble]
    return root


@pytest.fixture
def graded(once, own_copy):
    """A class of four that was graded: in time, a day later with a day more, a day late, and forgiven."""
    return own_copy(once)


def rows_of(name, key) -> dict:
    with open(name, newline="", encoding="utf-8") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def noted(root) -> dict:
    """student → the late penalty that the gradebook has."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        found = gradebook.assignment_submissions("setup")
        return {one.student_id: round(one.late_submission_penalty or 0, 6) for one in found}


def by_hand(points):
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        for student in TIMES:
            grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", student)
            grade.manual_score, grade.needs_manual_grade = points, False
        gradebook.db.commit()


def allow(text):
    Path("accommodations.yml").write_text(ALLOWED + text)


CHANGES = {
    "nothing": (lambda: None, {}),
    "due later": (lambda: edit("course.yml", DUE, "due: 2026-10-26T12:00:00+01:00"), {"late": 0}),
    "due earlier": (
        lambda: edit("course.yml", DUE, "due: 2026-10-23 23:59"),
        {"early": 1.8, "sunday": 1.8, "late": 3.6},
    ),
    "due removed": (lambda: edit("course.yml", DUE, "due: null"), {"late": 0}),
    "another clock": (lambda: edit("course.yml", "Europe/Berlin", "Pacific/Pago_Pago"), {"late": 0}),
    "an extension": (lambda: allow("late: {setup: {extra_days: 1}}\n"), {"late": 0}),
    "half a day": (lambda: allow("late: {setup: {extra_days: 0.5}}\n"), {"late": 0}),
    "a deadline of one's own": (lambda: allow("late: {setup: {due: 2026-10-25 11:00}}\n"), {"late": 0}),
    "one that is not enough": (lambda: allow("late: {setup: {due: 2026-10-25 10:59:59}}\n"), {"late": 1.8}),
    "one that is earlier": (lambda: allow("early: {setup: {due: 2026-10-20 10:00}}\n"), {}),
    "a pardon": (lambda: allow("late: {all: {no_penalty: true}}\n"), {"late": 0}),
    "all withdrawn": (lambda: Path("accommodations.yml").unlink(), {"sunday": 1.8, "forgiven": 1.8}),
    "rule removed": (lambda: edit("course.yml", "late: {percent_per_day: 20}", "late:"), {"late": 0}),
    "rule changed": (lambda: edit("course.yml", "per_day: 20", "per_day: 30"), {"late": 2.7}),
    "grace": (lambda: edit("course.yml", "{per", "{grace_minutes: 721, per"), {"late": 0}),
    "by hand": (lambda: by_hand(2), {"late": 2.2}),
    "by hand, more": (
        lambda: (edit("course.yml", "late: {per", "extra_credit: 0.5\nlate: {per"), by_hand(2.5)),
        {"late": 2.3},
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_both_exports_tell_what_holds_now(graded, tito, change):
    act, costs = CHANGES[change]
    act()
    code, log = nbgrader("export", "--to", "stock.csv")
    assert code == 0, log
    stock = rows_of("stock.csv", "student_id")
    assert tito("grades", "export", "--anyway")[0] == 0
    plain = rows_of("grades-plain.csv", "student")
    found = {who: float(row["late_submission_penalty"]) for who, row in stock.items()}
    assert found == pytest.approx(COSTS | costs)
    assert noted(graded) == pytest.approx(COSTS | costs)
    for who, row in plain.items():
        assert float(row["late_penalty"]) == pytest.approx(found[who])
        assert float(row["score"]) == pytest.approx(float(stock[who]["score"]))


COMMANDS = {
    "tito grade": lambda tito: tito("grade", "setup")[0],
    "tito report": lambda tito: tito("report", "setup")[0],
    "tito feedback": lambda tito: tito("feedback", "setup", "--anyway")[0],
    "tito export": lambda tito: tito("grades", "export", "setup", "--anyway")[0],
    "tito release": lambda tito: tito("release", "setup")[0] or tito("grade", "setup")[0],
    "nbgrader autograde": lambda tito: nbgrader("autograde", "setup")[0],  # which skips them all
    "nbgrader generate_feedback": lambda tito: nbgrader("generate_feedback", "setup")[0],
    "nbgrader export": lambda tito: nbgrader("export")[0],
    "another exporter": lambda tito: nbgrader("export", "--exporter", "autograder.handing_back.export.Canvas")[0],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_brings_the_copies_up_to_date(graded, tito, command):
    edit("course.yml", DUE, "due: 2026-10-23 23:59")
    allow("late: {setup: {no_penalty: true}}\nearly: {setup: {due: 2026-10-24 23:59}}\n")
    assert COMMANDS[command](tito) == 0
    assert noted(graded) == pytest.approx({"early": 0, "sunday": 1.8, "late": 0, "forgiven": 0})
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        assert str(gradebook.find_assignment("setup").duedate) == "2026-10-23 21:59:00"
        assert str(gradebook.find_submission("setup", "early").duedate) == "2026-10-24 21:59:00"


KINDS = ("due later", "due earlier", "an extension", "a pardon", "rule removed", "by hand, more")


@pytest.mark.parametrize("command", ["autograde", "generate_feedback"])
def test_nbgraders_commands_follow_one_change_after_the_other(graded, command):
    """Each change is made on the course as it was; what the last one had done goes with it."""
    manifest = Path("course.yml").read_text()
    for change in KINDS:
        Path("course.yml").write_text(manifest)
        Path("accommodations.yml").write_text(ALLOWED)
        by_hand(0)
        act, costs = CHANGES[change]
        act()
        code, log = nbgrader(command, "setup", "--student", "late")
        assert code == 0, log
        assert noted(graded) == pytest.approx(COSTS | costs), change
        if command == "generate_feedback":
            page = (graded / "feedback/late/setup/setup_dev.html").read_text()
            told = re.search(r"after a late penalty of ([\d.]+)", page)
            assert (float(told[1].rstrip(".")) if told else 0) == pytest.approx((COSTS | costs)["late"]), change


ATTEMPTS = ["2026-10-24 20:00:00.000000 UTC", "2026-10-25 10:30:00.000000 UTC", "2026-10-25 22:00:00.000000 UTC"]
TAKEN = {"early": 0, "sunday": 2, "late": 0}  # which of the attempts


@pytest.mark.parametrize(
    ("change", "taken"),
    [
        ("nothing", {}),
        ("due later", {"early": 2, "late": 2}),
        ("due earlier", {"early": 2, "sunday": 0, "late": 2}),  # nobody but sunday was in time: the newest
        ("due removed", {"early": 2, "late": 2}),
        ("half a day", {"late": 1}),
        ("an extension", {"late": 2}),
        ("a pardon", {}),
        ("all withdrawn", {"sunday": 0}),
    ],
)
def test_collect_before_the_deadline_is_that_of_today(graded, tito, solved, change, taken):
    inbound = graded / "exchange" / "tinytorch" / "inbound"
    for student in TAKEN:
        for time in ATTEMPTS:
            folder = inbound / f"{student}+setup+{time}"
            folder.mkdir(parents=True)
            nbformat.write(solved({"normal": f"# {time}"}), folder / "setup_dev.ipynb")
            (folder / "timestamp.txt").write_text(time)
    (graded / "exchange").chmod(0o777)
    CHANGES[change][0]()
    shutil.rmtree(graded / "submitted")
    arguments = ["collect", "setup", "--before-duedate", f"--Exchange.root={graded / 'exchange'}"]
    code, log = nbgrader(*arguments)
    assert code == 0, log
    stock = collected(graded)
    assert stock == {who: ATTEMPTS[which] for who, which in (TAKEN | taken).items()}
    shutil.rmtree(graded / "submitted")
    assert tito("collect", "setup", str(inbound))[0] == 0
    assert collected(graded) == stock


def collected(root) -> dict:
    return {path.parts[-3]: path.read_text() for path in root.glob("submitted/*/setup/timestamp.txt")}


@pytest.mark.parametrize("text", ["lat: {all: {extra_days: 1}}\n", "late: {setpu: {extra_days: 2}}\n"])
def test_collect_takes_nothing_while_the_deadlines_have_a_mistake(graded, text):
    (graded / "exchange/tinytorch/inbound" / f"late+setup+{ATTEMPTS[0]}").mkdir(parents=True)
    (graded / "exchange").chmod(0o777)
    allow(text)
    code, log = nbgrader("collect", "setup", "--before-duedate", f"--Exchange.root={graded / 'exchange'}")
    assert (code, "accommodations.yml: " in log) == (1, True)
    assert (graded / "submitted/late/setup/setup_dev.ipynb").is_file()


@pytest.mark.parametrize("command", ["tito", "nbgrader"])
def test_a_page_that_is_there_is_made_anew(graded, tito, command):
    page = graded / "feedback/late/setup/setup_dev.html"
    assert nbgrader("generate_feedback", "setup")[0] == 0
    assert re.search(r"after a late penalty of 1\.8\b", page.read_text())
    assert "handed in 2026-10-25 11:00 CET" in page.read_text()  # by the course's clock
    allow("late: {setup: {no_penalty: true}}\n")
    done = tito("feedback", "setup") if command == "tito" else nbgrader("generate_feedback", "setup")
    assert done[0] == 0
    assert "late penalty" not in page.read_text()


def test_nbgrader_alone_sets_the_due_date(graded):
    edit("course.yml", DUE, "due: 2026-10-23 23:59")
    code, log = nbgrader("generate_assignment", "setup", "--force")
    assert code == 0, log
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        assert str(gradebook.find_assignment("setup").duedate) == "2026-10-23 21:59:00"


# --- tito deadlines ---------------------------------------------------------------------------------


def test_the_table(graded, tito):
    code, out, err = tito("deadlines", "setup", "--json")
    rows = {row["student"]: row for row in json.loads(out)}
    assert (code, err, set(rows)) == (0, "", set(TIMES))
    assert rows["sunday"] == {
        "module": "setup",
        "student": "sunday",
        "due": "2026-10-25T23:59:00+01:00",
        "extension": 25 * 3600,
        "handed_in": "2026-10-25T23:30:00+01:00",
        "in_time": False,
        "late_by": 0,
        "share": 0,
        "points": 0,
        "trouble": None,
    }
    assert (rows["late"]["late_by"], rows["late"]["share"], rows["late"]["points"]) == (43260, 0.2, 1.8)
    assert (rows["forgiven"]["late_by"], rows["forgiven"]["share"]) == (43260, 0)
    code, out, _ = tito("deadlines", "--student", "late")
    words = ("late", "2026-10-24", "23:59:00", "CEST", "2026-10-25", "11:00:00", "CET", "12:01:00", "20 %", "1.8")
    assert (code, [word for word in words if word not in out]) == (0, [])


def test_a_deadline_of_ones_own_that_changes_nothing_is_named(graded, tito):
    """The course's was moved past it; or it has the wrong year."""
    allow(
        "early: {setup: {due: 2025-10-27 12:00}}\n"
        "late: {setup: {due: 2026-10-26 12:00}, all: {due: 2026-01-01 12:00}}\n"
    )
    code, out, err = tito("deadlines", "setup", "--json")
    assert (code, len(json.loads(out))) == (0, len(TIMES))
    assert err == (
        "tito: setup, early: 2025-10-27 12:00 CET in accommodations.yml changes nothing: the course's is not earlier"
    )
    assert tito("deadlines", "setup", "--student", "late")[2] == ""


def test_the_table_tells_in_time_from_not_handed_in(graded, tito):
    (graded / "submitted/late/setup/timestamp.txt").write_text("in time")
    shutil.rmtree(graded / "submitted/early/setup")
    (graded / "submitted/absent").mkdir()
    code, out, _ = tito("deadlines", "setup", "--json")
    rows = {row["student"]: row for row in json.loads(out)}
    said = {who: [rows[who][key] for key in ("handed_in", "in_time", "trouble")] for who in ("late", "early", "absent")}
    assert said == {
        "late": [None, True, None],
        "early": ["2026-10-24T22:00:00+02:00", False, None],  # what is graded, by the gradebook
        "absent": [None, False, None],
    }
    assert code == 0
    assert "in time" in tito("deadlines", "--student", "late")[1]
    assert "timestamp.txt" not in tito("deadlines", "--student", "absent")[1]


def test_the_table_names_who_is_in_doubt_and_who_is_nobody(graded, tito):
    (graded / "submitted/late/setup/timestamp.txt").write_text("2026-10-25 11:00:00 CEST")
    code, out, _ = tito("deadlines", "setup", "--json")
    rows = {row["student"]: row for row in json.loads(out)}
    assert (code, [who for who in rows if rows[who]["trouble"]]) == (1, ["late"])
    assert "'CEST' is no offset" in rows["late"]["trouble"]
    assert tito("deadlines", "setup")[0] == 1
    assert tito("deadlines", "--student", "nobody") == (
        2,
        "",
        "tito: There is no student 'nobody' in the gradebook or in submitted/.",
    )
    assert tito("deadlines", "tenser")[0] == 2


# --- a time that nobody can read ----------------------------------------------------------------------


UNREADABLE = [
    (b"2026-10-25 10:00:00 CEST", "'CEST' is no offset"),
    (b"2026-10-25 10:00:00 EDT", "'EDT' is no offset"),
    (b"2026-10-25 10:00:00.000000 BST", "'BST' is no offset"),
    (b"2026-10-25 02:30:00", "clocks change"),
    (b"soon", "'soon' is no time"),
    (b"", "'' is no time"),
    (b"\xff\xfe2", "can't decode"),
    (None, "has no timestamp.txt"),
]


@pytest.mark.parametrize(
    ("how", "text", "said"),
    [*(("tito", *case) for case in UNREADABLE), *(("nbgrader", *case) for case in UNREADABLE[::-3])],
)
def test_that_student_alone_is_in_trouble(graded, tito, solved, hand_in, text, said, how):
    before = noted(graded)
    for student in ("late", "sunday"):
        folder = hand_in(graded, student, solved({"double": "def double(x):\n    return x"}))  # 3 points
        (folder / "timestamp.txt").write_text("\ufeff2026-10-24 10:00:00 +0000\r\n")
    (path := graded / "submitted/late/setup/timestamp.txt").unlink()
    if text is not None:
        path.write_bytes(text)
    if how == "tito":
        code, out, _ = tito("grade", "setup", "--json")
        rows = {row["student"]: row for row in json.loads(out)}
        assert [who for who in rows if rows[who]["trouble"]] == ["late"]
        assert "submitted/late/setup" in rows["late"]["trouble"]
        assert said in rows["late"]["trouble"]
    else:
        code, log = nbgrader("autograde", "setup", "--force")
        assert "submitted/late/setup" in log
        assert said in log
    assert code == 1
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        scores = {one.student_id: one.score for one in gradebook.assignment_submissions("setup")}
        assert str(gradebook.find_submission("setup", "late").timestamp) == "2026-10-25 10:00:00"
        assert str(gradebook.find_submission("setup", "sunday").timestamp) == "2026-10-24 10:00:00"
    assert scores == {"early": 9, "sunday": 3, "late": 9, "forgiven": 9}
    assert noted(graded) == before


@pytest.mark.parametrize("how", ["tito", "nbgrader"])
def test_without_a_deadline_a_time_that_is_not_known_is_none(graded, tito, how):
    edit("course.yml", DUE, "due: null")
    (graded / "submitted/late/setup/timestamp.txt").unlink()
    code = tito("grade", "setup")[0] if how == "tito" else nbgrader("autograde", "setup", "--force")[0]
    assert code == 0
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        assert gradebook.find_submission("setup", "late").timestamp is None


def test_who_is_in_doubt_stops_nobody_else(graded, tito):
    page = graded / "feedback/late/setup/setup_dev.html"
    page.parent.mkdir(parents=True)
    page.write_text("as it was")
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        gradebook.find_grade("check_both", "setup_dev", "setup", "late").extra_credit = 2e12
        gradebook.db.commit()
    said = "check_both has 2000000000004 points"
    for name, command in (("grades-plain.csv", tito), ("grades.csv", nbgrader)):
        arguments = ["grades", "export", "--anyway"] if command is tito else ["export"]
        code, *_, err = command(*arguments)
        assert (code, said in err) == (1, True), err
        rows = rows_of(name, "student" if command is tito else "student_id")
        assert {who: row["score"] for who, row in rows.items()} == {
            "early": "9",
            "sunday": "9",
            "forgiven": "9",
            "late": "",
        }
    code, out, err = tito("report", "setup", "--json")
    assert (code, said in err, "late" in json.loads(out)["modules"][0]["scores"]) == (1, True, False)
    code, out, _ = tito("feedback", "setup", "--zip", "--anyway")
    assert (code, said in out) == (1, True)
    assert {path.stem for path in graded.glob("dist/feedback/setup/*")} == set(TIMES) - {"late"}
    code, log = nbgrader("generate_feedback", "setup")
    assert (code, said in log, page.read_text()) == (1, True, "as it was")
    assert nbgrader("generate_feedback", "setup", "--student", "sunday")[0] == 0


# --- what is written wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lat: {all: {extra_days: 1}}\n", "no student 'lat' in the gradebook or in submitted/. Did you mean late?"),
        ("Early: {all: {extra_days: 1}}\n", "no student 'Early'"),
        ("sunday: {setup: {extra_days: 2}}\n", "line 5: sunday stands there twice"),
        ("late: {setup: {extra_days: 2}, setup: {due: 2026-10-26 12:00}}\n", "setup stands there twice"),
        ("late: {setup: {extra_days: 2, extra_days: 3}}\n", "extra_days stands there twice"),
        ("late: {setpu: {extra_days: 2}}\n", "there is no module 'setpu'. Did you mean setup?"),
        ("late: {setup: {extra_day: 2}}\n", "Did you mean extra_days?"),
    ],
)
def test_it_is_refused_by_name_and_nothing_changes(graded, tito, text, said):
    page = graded / "feedback/late/setup/setup_dev.html"
    page.parent.mkdir(parents=True)
    page.write_text("as it was")
    allow(text)
    edit("course.yml", DUE, "due: 2026-10-20 12:00")
    before = noted(graded)
    for command in (["grade"], ["feedback"], ["deadlines"], ["report"], ["grades", "export"]):
        code, _, err = tito(*command, "setup")
        assert (code, said in err) == (2, True), f"{command}: {err}"
    for command in (["export"], ["autograde", "setup"], ["generate_feedback", "setup"]):
        code, log = nbgrader(*command)
        assert (code, said in log) == (1, True), f"{command}: {log}"
    assert noted(graded) == before
    assert page.read_text() == "as it was"


@pytest.mark.parametrize(
    "rule", ["3", "[]", "soon", "''", "{percent_per_day: true}", "{percent_per_day: .nan}", "{1: 2}"]
)
@pytest.mark.parametrize("where", ["course", "module"])
def test_a_rule_that_is_none_is_refused(graded, tito, rule, where):
    if where == "course":
        edit("course.yml", "late: {percent_per_day: 20}", f"late: {rule}")
    else:
        edit("course.yml", DUE, f"late: {rule}\n    {DUE}")
    for command in (("grade", "setup"), ("grades", "export"), ("deadlines",)):
        code, _, err = tito(*command)
        assert (code, "term.yml: late" in err) == (2, True), err


@pytest.mark.parametrize("rule", ["", "null", "{}", "~"])
def test_an_empty_rule_is_none(graded, tito, rule):
    edit("course.yml", "late: {percent_per_day: 20}", f"late: {rule}")
    edit("course.yml", DUE, f"late: {rule}\n    {DUE}")
    assert tito("grade", "setup", "--force", "--student", "late")[0] == 0
    assert set(noted(graded).values()) == {0}
