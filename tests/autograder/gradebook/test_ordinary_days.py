"""Deadlines, records and releases, seen from outside: after a change, a crash or a mistake every grade is right.

Each case changes a course's files or its gradebook, runs commands of tito and of nbgrader, and looks at exit codes, at
who is named, and at scores. No case depends on words.
"""

import contextlib
import csv
import gzip
import io
import json
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.apps.nbgraderapp import NbGraderApp
from traitlets.config import Application

from tests.autograder.postgres import Cluster
from tito.cli import main

NOTEBOOK = "setup_dev.ipynb"
REPOSITORY = Path(__file__).resolve().parents[3]
DUE = "2026-11-20T23:59:00+01:00"
LATE = "\nlate: {percent_per_day: 10}\n"
TIMES = {"ada": "2026-11-19 10:00:00 UTC", "grace": "2026-11-22 10:00:00 UTC", "zoe": "2026-11-25 10:00:00 UTC"}


def run(root, *arguments):
    """Run tito in `root`: exit code, and all that it printed."""
    said = io.StringIO()
    redirected = contextlib.redirect_stdout(said), contextlib.redirect_stderr(said)
    with contextlib.chdir(root), redirected[0], redirected[1], pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code or 0, said.getvalue()


def nbgrader(root, *arguments):
    """Run a stock command of nbgrader's in `root`: exit code, and all that it printed."""
    said, code = io.StringIO(), 0
    redirected = contextlib.redirect_stdout(said), contextlib.redirect_stderr(said)
    with contextlib.chdir(root), redirected[0], redirected[1]:
        try:
            NbGraderApp.launch_instance(list(arguments))
        except SystemExit as ended:
            code = ended.code or 0
        finally:
            if Application.initialized():
                type(Application.instance()).clear_instance()
    return code, said.getvalue()


@contextlib.contextmanager
def gradebook(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db", course_id="tinytorch") as book:
        yield book


def penalties(root):
    """What being late costs, as it stands in the gradebook."""
    with gradebook(root) as book:
        return {row.student_id: row.late_submission_penalty or 0 for row in book.assignment_submissions("setup")}


def by_tito(root):
    """What tito's export has: student to score before and after the penalty, and the penalty."""
    run(root, "grades", "export", "setup", "--to", "tito.csv")
    with (root / "tito.csv").open(encoding="utf-8") as file:
        rows = {row["student"].lstrip("'"): row for row in csv.DictReader(file)}
    return {
        who: tuple(float(row[name] or 0) for name in ("raw_score", "late_penalty", "score"))
        for who, row in rows.items()
    }


def by_nbgrader(root):
    """The same from nbgrader's own export."""
    assert nbgrader(root, "export", "--to", "nbgrader.csv")[0] == 0
    names = ("raw_score", "late_submission_penalty", "score")
    with (root / "nbgrader.csv").open(encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file) if row["assignment"] == "setup"}
    return {who: tuple(float(row[name]) for name in names) for who, row in rows.items()}


def rows_of(root, *options):
    """A grading run: exit code, and its row for each student."""
    code, said = run(root, "grade", "setup", "--json", *options)
    found = re.search(r"(?ms)^\[$.*^\]$|^\[\]$", said)
    return code, {row["student"]: row for row in json.loads(found[0])} if found else {}, said


def edit(root, old, new, path="course.yml"):
    text = (root / path).read_text(encoding="utf-8")
    assert old in text
    (root / path).write_text(text.replace(old, new, 1), encoding="utf-8")


def allow(root, text):
    (root / "accommodations.yml").write_text(text, encoding="utf-8")


def give(root, student, cell, **fields):
    """What a person gives in formgrader."""
    with gradebook(root) as book:
        grade = book.find_grade(cell, "setup_dev", "setup", student)
        for name, value in fields.items():
            setattr(grade, name, value)
        if "manual_score" in fields:
            grade.needs_manual_grade = False
        book.db.commit()


def comment(root, student, text):
    with gradebook(root) as book:
        book.find_comment("reflect_why", "setup_dev", "setup", student).manual_comment = text
        book.db.commit()


@pytest.fixture(scope="module")
def dated(released, tmp_path_factory):
    """A released course with a deadline that costs ten percent a day; nobody has handed in."""
    root = shutil.copytree(released, tmp_path_factory.mktemp("dated") / "course")
    edit(root, "due: null", f"due: {DUE}")
    with (root / "course.yml").open("a") as file:
        file.write(LATE)
    assert run(root, "release", "setup")[0] == 0
    return root


def lay(root, student, notebook, time=None):
    folder = root / "submitted" / student / "setup"
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / NOTEBOOK)
    if time is not None:
        (folder / "timestamp.txt").write_bytes(time if isinstance(time, bytes) else time.encode())
    return folder


@pytest.fixture(scope="module")
def late_class(dated, solved, shut_in, tmp_path_factory):
    """Three right notebooks, one in time, one two days late, one five days late; graded. Not to be changed."""
    root = shutil.copytree(dated, tmp_path_factory.mktemp("class") / "course")
    for student, time in TIMES.items():
        lay(root, student, solved(), time)
    code, rows, said = rows_of(root)
    assert code == 0, said
    assert {row["score"] for row in rows.values()} == {9}
    return root


@pytest.fixture
def root(late_class, tmp_path):
    return shutil.copytree(late_class, tmp_path / "course")


@pytest.fixture
def fresh(dated, tmp_path):
    return shutil.copytree(dated, tmp_path / "course")


# A change after grading arrives


def take_back_a_pardon(root):
    allow(root, "grace: {all: {no_penalty: true}}\n")
    rows_of(root)
    (root / "accommodations.yml").unlink()


def shorten_an_extension(root):
    allow(root, "zoe: {setup: {extra_days: 9}}\n")
    rows_of(root)
    allow(root, "zoe: {setup: {extra_days: 4}}\n")


def allow_and_give_extra_credit(root):
    edit(root, "modules:", "extra_credit: 1\nmodules:")
    give(root, "grace", "check_both", extra_credit=1.0)


CHANGES = {
    "the deadline is later": (
        lambda root: edit(root, DUE, "2026-11-22T23:59:00+01:00"),
        {"ada": 0, "grace": 0, "zoe": 2.7},
    ),
    "the deadline is earlier": (
        lambda root: edit(root, DUE, "2026-11-18T23:59:00+01:00"),
        {"ada": 0.9, "grace": 3.6, "zoe": 6.3},
    ),
    "no deadline any more": (lambda root: edit(root, DUE, "null"), {"ada": 0, "grace": 0, "zoe": 0}),
    "no rule any more": (lambda root: edit(root, LATE, ""), {"ada": 0, "grace": 0, "zoe": 0}),
    "a harder rule": (
        lambda root: edit(root, LATE, LATE.replace("10", "20")),
        {"ada": 0, "grace": 3.6, "zoe": 9},
    ),
    "a rule of the module's own": (
        lambda root: edit(root, f"due: {DUE}", f"due: {DUE}\n    late: {{percent_per_day: 1}}"),
        {"ada": 0, "grace": 0.18, "zoe": 0.45},
    ),
    "minutes of grace": (
        lambda root: edit(root, LATE, "\nlate: {percent_per_day: 10, grace_minutes: 2160}\n"),
        {"ada": 0, "grace": 0},
    ),
    "an upper bound": (
        lambda root: edit(root, LATE, "\nlate: {percent_per_day: 10, at_most_percent: 15}\n"),
        {"ada": 0, "grace": 1.35, "zoe": 1.35},
    ),
    "nothing after some days": (
        lambda root: edit(root, LATE, "\nlate: {percent_per_day: 10, zero_after_days: 4}\n"),
        {"ada": 0, "grace": 1.8, "zoe": 9},
    ),
    "a pardon": (lambda root: allow(root, "grace: {setup: {no_penalty: true}}\n"), {"grace": 0, "zoe": 4.5}),
    "a pardon for all modules": (
        lambda root: allow(root, "zoe: {all: {no_penalty: true}}\n"),
        {"grace": 1.8, "zoe": 0},
    ),
    "a pardon for another module": (lambda root: allow(root, "zoe: {tensor: {no_penalty: true}}\n"), {"zoe": 4.5}),
    "a pardon is taken back": (take_back_a_pardon, {"ada": 0, "grace": 1.8, "zoe": 4.5}),
    "more days": (lambda root: allow(root, "grace: {setup: {extra_days: 2}}\n"), {"grace": 0, "zoe": 4.5}),
    "more days, too few": (lambda root: allow(root, "grace: {all: {extra_days: 1}}\n"), {"grace": 0.9}),
    "an extension is shortened": (shorten_an_extension, {"grace": 1.8, "zoe": 0.9}),
    "a deadline of one's own": (
        lambda root: allow(root, "zoe: {setup: {due: 2026-11-24T12:00:00+01:00}}\n"),
        {"grace": 1.8, "zoe": 0.9},
    ),
    "a deadline of one's own before the others'": (
        lambda root: allow(root, "ada: {setup: {due: 2026-11-10T12:00:00+01:00}}\n"),
        {"ada": 0, "grace": 1.8},
    ),
    "points by hand": (lambda root: give(root, "grace", "reflect_why", manual_score=1.5), {"grace": 2.1, "zoe": 4.5}),
    "points by hand instead of a machine's": (
        lambda root: give(root, "grace", "check_double", manual_score=0.0),
        {"grace": 1.4},
    ),
    "extra credit": (lambda root: allow_and_give_extra_credit(root), {"grace": 2.0}),
}
LOOKS = {
    "tito grades export": lambda root: {who: row[1] for who, row in by_tito(root).items()},
    "nbgrader export": lambda root: {who: row[1] for who, row in by_nbgrader(root).items()},
    "tito grade": lambda root: (rows_of(root), penalties(root))[1],
}


def pytest_generate_tests(metafunc):
    """Each change is seen by one of LOOKS, in turn; with --thorough by all."""
    if {"changed", "look"} <= set(metafunc.fixturenames):
        every = [(changed, look) for changed in CHANGES for look in LOOKS]
        in_turn = [pair for at, pair in enumerate(every) if (at - at // len(LOOKS)) % len(LOOKS) == 0]
        metafunc.parametrize(("changed", "look"), every if metafunc.config.getoption("thorough") else in_turn)


@pytest.mark.needs("files")
def test_a_change_after_grading_reaches_whoever_looks_first(root, changed, look):
    change, costs = CHANGES[changed]
    change(root)
    found = LOOKS[look](root)
    assert {who: found[who] for who in costs} == pytest.approx(costs)


@pytest.mark.needs("files")
@pytest.mark.parametrize("name", ["the deadline is later", "a pardon", "no rule any more", "points by hand"])
@pytest.mark.parametrize("command", ["autograde", "generate_feedback"])
def test_nbgraders_own_steps_bring_the_gradebook_up_to_date(root, name, command):
    change, costs = CHANGES[name]
    change(root)
    force = ["--force"] if command == "autograde" else []
    code, said = nbgrader(root, command, "setup", "--student", "grace", *force)
    assert code == 0, said
    assert penalties(root)["grace"] == pytest.approx(costs["grace"])


@pytest.mark.needs("files")
@pytest.mark.parametrize("name", ["points by hand", "extra credit", "more days, too few", "an upper bound"])
def test_both_exports_agree_whichever_is_first(root, name, tmp_path):
    CHANGES[name][0](root)
    other = shutil.copytree(root, tmp_path / "other")
    first, second, alone = by_tito(root), by_nbgrader(root), by_nbgrader(other)
    assert set(first) == set(second) == set(alone)
    for who, row in first.items():
        assert second[who] == pytest.approx(row)
        assert alone[who] == pytest.approx(row)
    for before, penalty, after in first.values():
        assert after == pytest.approx(max(0, before - penalty))


def test_nbgraders_release_alone_sets_moves_and_removes_the_due_date(released, tmp_path):
    root = shutil.copytree(released, tmp_path / "course")
    (root / "gradebook.db").unlink()
    before = "null"
    for due, stored in ((DUE, datetime(2026, 11, 20, 22, 59)), ("2026-12-01T12:00:00Z", datetime(2026, 12, 1, 12))):
        edit(root, f"due: {before}", f"due: {due}")
        assert nbgrader(root, "generate_assignment", "setup", "--force", "--create")[0] == 0
        with gradebook(root) as book:
            assert book.find_assignment("setup").duedate == stored
        before = due
    edit(root, f"due: {before}", "due: null")
    assert nbgrader(root, "generate_assignment", "setup", "--force", "--create")[0] == 0
    with gradebook(root) as book:
        assert book.find_assignment("setup").duedate is None


@pytest.mark.needs("files")
@pytest.mark.parametrize(
    ("change", "counts"),
    [
        (lambda root: None, "first"),
        (lambda root: edit(root, DUE, "2026-11-22T23:59:00+01:00"), "second"),
        (lambda root: allow(root, "nora: {setup: {extra_days: 2}}\n"), "second"),
        (lambda root: allow(root, "nora: {all: {due: 2026-11-22T23:59:00+01:00}}\n"), "second"),
    ],
    ids=["as it was", "the deadline is later", "more days", "a deadline of one's own"],
)
def test_the_attempt_that_is_collected_is_in_time_where_it_is_graded(fresh, solved, change, counts):
    """What collecting takes for in time costs nothing when it is graded."""
    (fresh / "roster.csv").write_text("id,first_name,last_name,email,lms_user_id\nnora,Nora,Noth,n@example.org,7\n")
    assert run(fresh, "roster", "import", "roster.csv")[0] == 0
    change(fresh)
    for name, time in (("first", "2026-11-19 10:00:00 UTC"), ("second", "2026-11-22 10:00:00 UTC")):
        folder = fresh / "inbound" / f"nora+setup+{time}+{name}"
        folder.mkdir(parents=True)
        nbformat.write(solved(extra=[f"# {name}"]), folder / NOTEBOOK)
        (folder / "timestamp.txt").write_text(time)
    assert run(fresh, "collect", "setup", "inbound")[0] == 0
    assert f"# {counts}" in (fresh / "submitted" / "nora" / "setup" / NOTEBOOK).read_text()
    assert rows_of(fresh)[0] == 0
    assert by_tito(fresh)["nora"] == (9, 0, 9)


# Who may see a solution


def publishing(root, due, accommodations=""):
    """Whether the solution is out after a person wanted to publish; exit code and words."""
    for name in ("tito", "student", "bin"):
        shutil.copytree(REPOSITORY / name, root / name)
    shutil.copytree(REPOSITORY / "tests" / "tinytorch", root / "tests" / "tinytorch")
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(REPOSITORY / name, root)
    edit(root, DUE, due)
    if accommodations:
        allow(root, accommodations)
    with gradebook(root) as book:
        book.update_or_create_student("nora")
    code, said = run(root, "kit", "--publish", "setup")
    return code, said, (root / "dist" / "TinyTorch" / "published" / "setup.py").exists()


def moment(hours):
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    "accommodations",
    [
        "nora: {setup: {extra_days: 9}}\n",
        "nora: {all: {extra_days: 9}}\n",
        f"nora: {{setup: {{due: '{moment(50)}'}}}}\n",
        f"nora: {{all: {{due: '{moment(50)}'}}, setup: {{no_penalty: true}}}}\n",
    ],
    ids=["more days", "more days everywhere", "a deadline of one's own", "one everywhere, and a pardon"],
)
def test_nobodys_solution_is_published_while_somebody_has_time(fresh, accommodations):
    code, said, out = publishing(fresh, moment(-100), accommodations)
    assert not out
    assert code in (1, 2)
    assert "nora" in said


def test_no_solution_is_published_before_the_deadline(fresh):
    code, _, out = publishing(fresh, moment(100))
    assert not out
    assert code in (1, 2)


@pytest.mark.parametrize(
    "accommodations",
    [
        "",
        "nora: {setup: {extra_days: 2}}\n",
        "nora: {tensor: {extra_days: 99}}\n",
        "nora: {setup: {no_penalty: true}}\n",
    ],
    ids=["nobody has more", "an extension that is over", "one of another module", "a pardon"],
)
def test_a_solution_is_published_when_all_time_is_over(fresh, accommodations):
    code, said, out = publishing(fresh, moment(-100), accommodations)
    assert out, said
    assert code == 0


# Days of the calendar, and the clock of the course

CLOCKS = {
    "Berlin loses an hour": ("Europe/Berlin", "2026-03-28 23:59", {"2026-03-29 21:58": 0, "2026-03-29 22:30": 1}),
    "Berlin gains an hour": ("Europe/Berlin", "2026-10-24 23:59", {"2026-10-25 22:30": 0, "2026-10-25 23:00": 1}),
    "New York gains an hour": ("America/New_York", "2026-10-31 20:00", {"2026-11-02 00:59": 0, "2026-11-02 01:01": 1}),
    "Lord Howe gains half an hour": (
        "Australia/Lord_Howe",
        "2026-04-04 23:59",
        {"2026-04-05 13:28": 0, "2026-04-05 13:31": 1},
    ),
    "Sydney loses an hour": ("Australia/Sydney", "2026-10-03 23:59", {"2026-10-04 12:58": 0, "2026-10-04 13:30": 1}),
    "the extension ends where no clock shows a time": (
        "Europe/Berlin",
        "2026-03-28 02:30",
        {"2026-03-29 00:55": 0, "2026-03-29 02:00": 1},
    ),
    "days that cost are the calendar's, too": (
        "Europe/Berlin",
        "2026-10-23 23:59",
        {"2026-10-25 22:58": 1, "2026-10-25 23:10": 2},
    ),
}


@pytest.mark.needs("files")
@pytest.mark.parametrize("name", CLOCKS)
def test_an_extra_day_is_one_of_the_calendar(fresh, solved, name):
    """Everybody has one day more, and hands in around its end."""
    zone, due, times = CLOCKS[name]
    edit(fresh, "timezone: null", f"timezone: {zone}")
    edit(fresh, DUE, due)
    students = {f"student{number}": (time, days) for number, (time, days) in enumerate(times.items())}
    allow(fresh, "".join(f"{student}: {{setup: {{extra_days: 1}}}}\n" for student in students))
    for student, (time, _) in students.items():
        lay(fresh, student, solved(), f"{time}:00 UTC")
    code, _, said = rows_of(fresh)
    assert code == 0, said
    found = by_tito(fresh)
    assert {who: found[who][1] for who in students} == pytest.approx({who: 0.9 * n for who, (_, n) in students.items()})


@pytest.mark.parametrize("due", ["2026-03-29 02:30", "2026-10-25 02:30", "2026-02-30 12:00", "2026-11-20 23:59 CET"])
def test_a_deadline_that_no_clock_shows_once_is_refused(fresh, due):
    edit(fresh, "timezone: null", "timezone: Europe/Berlin")
    edit(fresh, DUE, f'"{due}"')
    code, said = run(fresh, "grade", "setup")
    assert code == 2
    assert "setup" in said
    assert "timezone" not in said.split("due")[0], "the zone itself is right"


@pytest.mark.parametrize("zone", ["CEST", "Europe/Berlln", "+01:00", "5"])
def test_a_zone_that_is_none_is_named(fresh, zone):
    edit(fresh, "timezone: null", f"timezone: {zone}")
    code, said = run(fresh, "grade", "setup")
    assert code == 2
    assert zone in said


# What a time may look like: days of lateness for a deadline at 22:59 UTC on 20 November; None: a person is asked.
STAMPS = {
    "utc": ("2026-11-20 22:58:59 UTC", 0),
    "exactly": ("2026-11-20 22:59:00.000000 UTC", 0),
    "a_second": ("2026-11-20 22:59:01 UTC", 1),
    "zulu": ("2026-11-20T22:58:00Z", 0),
    "gmt": ("2026-11-20 22:58:00 GMT", 0),
    "offset": ("2026-11-20 23:30:00 +0100", 0),
    "india": ("2026-11-21 04:20:00 +0530", 0),
    "new_york": ("2026-11-20 18:30:00 -0500", 1),
    "newfoundland": ("2026-11-20 19:20:00 -0330", 0),
    "colon": ("2026-11-20 18:30:00 -05:00", 1),
    "windows": ("2026-11-20 22:58:00 UTC\r\n", 0),
    "est": ("2026-11-20 17:30:00 EST", None),
    "ist": ("2026-11-21 04:20:00 IST", None),
    "mez": ("2026-11-20 23:30:00 MEZ", None),
    "pst": ("2026-11-20 14:30:00 PST", None),
    "naive": ("2026-11-20 22:30:00", None),
    "empty": ("", None),
    "blank": (" \n", None),
    "german": ("20.11.2026 23:30", None),
    "either": ("12/11/2026 10:00:00 UTC", None),
    "hour": ("2026-11-20 25:00:00 UTC", None),
    "two": ("2026-11-20 22:00:00 UTC\n2026-11-24 22:00:00 UTC", None),
    "words": ("yesterday", None),
    "bytes": (b"\xff\xfe\x00\xd8", None),
}


@pytest.fixture(scope="module")
def stamped(dated, solved, shut_in, tmp_path_factory):
    root = shutil.copytree(dated, tmp_path_factory.mktemp("stamped") / "course")
    for student, (text, _) in STAMPS.items():
        lay(root, student, solved(), text)
    lay(root, "bom", solved(), b"\xef\xbb\xbf2026-11-20 22:58:00 UTC")
    code, rows, said = rows_of(root)
    return code, rows, by_tito(root), said


@pytest.mark.needs("files")
@pytest.mark.parametrize("student", STAMPS)
def test_a_time_is_read_right_or_asked_about(stamped, student):
    code, rows, exported, _ = stamped
    days = STAMPS[student][1]
    if days is None:
        assert code == 1
        assert rows[student]["trouble"]
        assert rows[student]["score"] is None
    else:
        assert not rows[student]["trouble"]
        assert exported[student] == pytest.approx((9, 0.9 * days, 9 - 0.9 * days))


@pytest.mark.needs("files")
def test_an_editors_mark_before_a_time_stops_nobody(stamped):
    _, rows, exported, _ = stamped
    assert rows["bom"]["trouble"] or exported["bom"] == (9, 0, 9)


@pytest.mark.needs("files")
@pytest.mark.parametrize(
    "text", [None, b"", b"at ten", b"2026-11-20 22:00:00 CEST"], ids=["none", "empty", "words", "letters"]
)
@pytest.mark.parametrize("student", ["ada", "grace"])
def test_a_later_hand_in_never_keeps_the_time_of_the_one_before(root, solved, student, text):
    """Who hands in again without a time that can be read stays as they were, until a person says the time."""
    before = by_tito(root)
    lay(root, student, solved({"double": "#| export\ndef double(x):\n    return x"}), text)
    if text is None:
        (root / "submitted" / student / "setup" / "timestamp.txt").unlink()
    code, rows, said = rows_of(root)
    assert code == 1, said
    assert rows[student]["trouble"]
    assert by_tito(root) == before


# accommodations.yml

IDS = [
    "1e3",
    "0x1F",
    "0o17",
    "017",
    "~",
    "on",
    "Yes",
    "2026-11-20",
    "1.0",
    "0b11",
    "190:20:30",
    "+12",
    "1_2",
    "null",
    "=",
]
TWINS = ["1000", "31", "15", "True", "1", "3", "685230", "12", "2026-11-2", "None", "7"]


@pytest.fixture(scope="module")
def pardoned(dated, solved, shut_in, tmp_path_factory):
    """Everybody is two days late; those in IDS have a pardon, written without quotes, the others have none."""
    root = shutil.copytree(dated, tmp_path_factory.mktemp("pardoned") / "course")
    notebook = solved()
    for student in (*IDS, *TWINS):
        lay(root, student, notebook, TIMES["grace"])
    allow(root, "".join(f"{student}: {{setup: {{no_penalty: true}}}}\n" for student in IDS))
    code, _, said = rows_of(root)
    return code, by_tito(root), said


@pytest.mark.needs("files")
@pytest.mark.parametrize("student", IDS)
def test_a_students_id_is_the_text_as_it_is_written(pardoned, student):
    code, exported, said = pardoned
    assert code == 0, said
    assert exported[student] == (9, 0, 9)


@pytest.mark.needs("files")
@pytest.mark.parametrize("student", TWINS)
def test_nobody_is_pardoned_for_another(pardoned, student):
    code, exported, said = pardoned
    assert code == 0, said
    assert exported[student][1] == pytest.approx(1.8)


WRONG_ACCOMMODATIONS = {
    "a student twice": ("grace: {setup: {no_penalty: true}}\ngrace: {all: {extra_days: 1}}\n", "grace"),
    "a student twice, once in quotes": (
        '"grace": {setup: {no_penalty: true}}\ngrace: {all: {extra_days: 1}}\n',
        "grace",
    ),
    "a student twice, far apart": ("zoe: {all: {extra_days: 1}}\nada: {}\n'zoe': {setup: {extra_days: 2}}\n", "zoe"),
    "a module twice": ("grace: {setup: {no_penalty: true}, setup: {extra_days: 1}}\n", "setup"),
    "an unknown student": ("gracie: {setup: {no_penalty: true}}\n", "gracie"),
    "another case": ("Grace: {setup: {no_penalty: true}}\n", "Grace"),
    "a number that is nobody's": ("007: {setup: {no_penalty: true}}\n", "007"),
    "a misspelt module": ("grace: {setpu: {no_penalty: true}}\n", "setpu"),
    "a misspelt permission": ("grace: {setup: {no_penalties: true}}\n", "no_penalties"),
    "days in words": ("grace: {setup: {extra_days: two}}\n", "grace"),
    "less than no days": ("grace: {setup: {extra_days: -2}}\n", "grace"),
    "a deadline that is none": ("grace: {setup: {due: tomorrow}}\n", "grace"),
    "a deadline of no zone": ("grace: {setup: {due: 2026-12-20 10:00}}\n", "grace"),
    "a deadline in letters of no zone": ("grace: {setup: {due: 2026-12-20 10:00 EST}}\n", "grace"),
    "a list": ("- grace\n- zoe\n", "accommodations.yml"),
    "a word": ("grace\n", "accommodations.yml"),
    "no YAML": ("grace: {setup: {no_penalty: true}\n", "accommodations.yml"),
    "a pardon in words": ("grace: {setup: {no_penalty: maybe}}\n", "grace"),
}


@pytest.mark.needs("files")
@pytest.mark.parametrize(("text", "named"), WRONG_ACCOMMODATIONS.values(), ids=WRONG_ACCOMMODATIONS)
def test_a_mistake_in_the_accommodations_is_named_and_changes_nothing(root, text, named):
    before = penalties(root)
    allow(root, text)
    code, said = run(root, "grade", "setup")
    assert code == 2, said
    assert named in said
    assert penalties(root) == before


@pytest.mark.needs("files")
@pytest.mark.parametrize("text", ["", "# nobody yet\n", "ada: {}\n", "\ufeffada: {setup: {extra_days: 1}}\n"])
def test_accommodations_that_allow_nothing_stop_nobody(root, text):
    allow(root, text)
    code, _, said = rows_of(root)
    assert code == 0, said
    assert penalties(root) == pytest.approx({"ada": 0, "grace": 1.8, "zoe": 4.5})


@pytest.mark.needs("files")
@pytest.mark.parametrize("rule", ["", "null", "{}", "[]", "~"])
@pytest.mark.parametrize("where", ["course", "module"])
def test_an_empty_rule_is_none_or_named(root, rule, where):
    if where == "course":
        edit(root, LATE, f"\nlate: {rule}\n")
    else:
        edit(root, f"due: {DUE}", f"due: {DUE}\n    late: {rule}")
    code, rows, said = rows_of(root, "--force")
    if code == 2:
        assert "late" in said
        assert "course.yml" in said
    else:
        assert code == 0, said
        assert not any(row["trouble"] for row in rows.values())
        assert penalties(root)["grace"] in (0, 1.8)


@pytest.mark.needs("files")
@pytest.mark.parametrize(
    ("rule", "named"),
    [
        ("{percent_per_dy: 10}", "percent_per_dy"),
        ("{percent_per_day: ten}", "ten"),
        ("{percent_per_day: -10}", "-10"),
        ("{percent_per_day: 10, grace_minutes: -5}", "-5"),
        ("10", "late"),
    ],
)
def test_a_rule_that_is_none_is_named(root, rule, named):
    before = penalties(root)
    edit(root, LATE, f"\nlate: {rule}\n")
    code, said = run(root, "grade", "setup", "--force")
    assert code == 2, said
    assert named in said
    assert penalties(root) == before


# What is recorded, after a crash between the folder and the gradebook

OTHER_ANSWER = {"reflect_why": "I have no idea, but here is something new."}
OTHER_CODE = {"double": "#| export\ndef double(x):\n    return 3 * x"}


@pytest.fixture(scope="module")
def read_by_a_person(late_class, tmp_path_factory):
    """The class with points and a comment by hand for each answer."""
    root = shutil.copytree(late_class, tmp_path_factory.mktemp("read") / "course")
    for student in TIMES:
        give(root, student, "reflect_why", manual_score=2.0)
        comment(root, student, f"Well said, {student}.")
    assert rows_of(root)[0] == 0
    return root


@pytest.fixture
def read(read_by_a_person, tmp_path):
    return shutil.copytree(read_by_a_person, tmp_path / "course")


def restored_after(root, change):
    """`change`, graded; and then the gradebook as it was before, beside the new autograded/."""
    kept = root.parent / "kept"
    kept.mkdir()
    for path in root.glob("gradebook.db*"):
        shutil.copy2(path, kept)
    change()
    assert rows_of(root)[0] == 0
    for path in root.glob("gradebook.db*"):
        path.unlink()
    for path in kept.iterdir():
        shutil.copy2(path, root)


def recorded(root, student):
    """What is in the gradebook: points of the machine, whether an answer waits, points and comment of a person."""
    with gradebook(root) as book:
        row = book.find_submission("setup", student)
        machine = sum(grade.auto_score or 0 for notebook in row.notebooks for grade in notebook.grades)
        why = book.find_grade("reflect_why", "setup_dev", "setup", student)
        said = book.find_comment("reflect_why", "setup_dev", "setup", student).manual_comment
        return machine, bool(why.needs_manual_grade), why.manual_score, said


@pytest.mark.needs("files")
def test_a_new_answer_is_read_by_a_person_though_its_folder_is_there_already(read, solved):
    restored_after(read, lambda: lay(read, "ada", solved(OTHER_ANSWER)))
    code, _, _ = rows_of(read)
    assert recorded(read, "ada")[1] or code == 1
    assert not recorded(read, "grace")[1]
    assert recorded(read, "grace")[2:] == (2.0, "Well said, grace.")


@pytest.mark.needs("files")
def test_nothing_is_sent_of_an_answer_that_nobody_read(read, solved):
    restored_after(read, lambda: lay(read, "ada", solved(OTHER_ANSWER)))
    rows_of(read)
    code, said = run(read, "feedback", "setup", "--student", "ada", "--zip")
    assert code == 1
    assert "ada" in said
    assert not list(read.glob("dist/feedback/**/ada*.zip"))


@pytest.mark.needs("files")
def test_new_code_has_its_score_though_its_folder_is_there_already(read, solved):
    restored_after(read, lambda: lay(read, "ada", solved(OTHER_CODE)))
    assert rows_of(read)[0] == 0
    machine, waits, by_hand, said = recorded(read, "ada")
    assert machine < 9
    assert (waits, by_hand, said) == (False, 2.0, "Well said, ada.")


@pytest.mark.needs("files")
def test_an_answer_that_is_again_the_old_one_keeps_its_points(read, solved):
    restored_after(read, lambda: lay(read, "ada", solved(OTHER_ANSWER)))
    lay(read, "ada", solved())
    assert rows_of(read)[0] == 0
    machine, _, by_hand, said = recorded(read, "ada")
    assert (machine, by_hand, said) == (9, 2.0, "Well said, ada.")


@pytest.mark.needs("files")
def test_both_changed_and_a_third_time_changed(read, solved):
    """After the crash the student hands in something else again: neither the first nor the second record holds."""
    restored_after(read, lambda: lay(read, "zoe", solved(OTHER_ANSWER)))
    lay(read, "zoe", solved(OTHER_CODE | {"reflect_why": "A third thought."}))
    code, _, _ = rows_of(read)
    machine, waits, _, _ = recorded(read, "zoe")
    assert machine < 9
    assert waits or code == 1


@pytest.mark.needs("files")
@pytest.mark.parametrize("lost", ["autograded/ada", "autograded/ada/setup/" + NOTEBOOK, "autograded"])
def test_a_folder_that_is_gone_is_made_again_and_costs_no_points_by_hand(read, lost):
    path = read / lost
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert rows_of(read)[0] == 0
    machine, _, by_hand, said = recorded(read, "ada")
    assert (machine, by_hand, said) == (9, 2.0, "Well said, ada.")
    assert (read / "autograded" / "ada" / "setup" / NOTEBOOK).exists()


@pytest.mark.needs("files")
def test_an_older_folder_beside_a_newer_gradebook_changes_no_record(read, solved):
    shutil.copytree(read / "autograded" / "ada", read.parent / "older")
    lay(read, "ada", solved(OTHER_CODE | OTHER_ANSWER))
    assert rows_of(read)[0] == 0
    after = recorded(read, "ada")
    shutil.rmtree(read / "autograded" / "ada")
    shutil.copytree(read.parent / "older", read / "autograded" / "ada")
    assert rows_of(read)[0] == 0
    assert recorded(read, "ada") == after
    assert after[0] < 9
    assert after[1]


@pytest.mark.needs("files")
def test_a_score_that_a_person_put_in_place_of_the_machines_is_asked_about_when_the_code_is_new(read, solved):
    give(read, "ada", "check_double", manual_score=1.0)
    rows_of(read)
    restored_after(read, lambda: lay(read, "ada", solved(OTHER_CODE)))
    code, _, _ = rows_of(read)
    with gradebook(read) as book:
        grade = book.find_grade("check_double", "setup_dev", "setup", "ada")
        assert grade.auto_score == 0
        assert grade.needs_manual_grade or code == 1


# Caches

DAMAGES = {
    "cut off": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "empty": lambda path: path.write_bytes(b""),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "other words": lambda path: path.write_bytes(gzip.compress(b'{"format": 0}')),
    "a list": lambda path: path.write_bytes(gzip.compress(b"[]")),
    "no text": lambda path: path.write_bytes(gzip.compress(b"\xff\xfe\xff")),
    "a link to nowhere": lambda path: (path.unlink(), path.symlink_to("nowhere")),
}


@pytest.mark.needs("files")
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_cache_is_made_anew(root, damage):
    for path in [path for path in (root / ".cache").rglob("*") if path.is_file() and path.suffix != ".lock"]:
        damage(path)
    code, rows, said = rows_of(root, "--force")
    assert code == 0, said
    assert {row["score"] for row in rows.values()} == {9}
    assert rows_of(root, "--force")[0] == 0


# Many at once

START_TOGETHER = """
import gc, json, os, sys, time, traceback
from pathlib import Path
import autograder.commands.report, autograder.commands.roster, autograder.gradebook.api, autograder.handing_back.export
from nbgrader.apps.nbgraderapp import NbGraderApp
from tito.cli import main

gc.freeze()

def child(command, log, start):
    os.dup2(os.open(log, os.O_CREAT | os.O_WRONLY), 1), os.dup2(1, 2)
    time.sleep(max(0, start - time.time()))
    try:
        NbGraderApp.launch_instance(command[1:]) if command[0] == "nbgrader" else main(command[1:])
    except SystemExit as ended:
        return ended.code or 0
    return 0

ended = {}
for root, url, commands in json.loads(sys.argv[1]):
    os.chdir(root)
    os.environ["TINYTORCH_GRADEBOOK"] = url
    start, children = time.time() + 0.3, []
    for number, command in enumerate(commands):
        one = os.fork()
        if not one:
            code = 3
            try:
                code = child(command, f"log{number}", start)
            except BaseException:
                traceback.print_exc()
            sys.stdout.flush(), sys.stderr.flush(), os._exit(code)
        children.append(one)
    ended[root] = [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in children]
print(json.dumps(ended))
"""


def rosters(root, many):
    """As many people who import a class of their own at the same moment."""
    for number in range(many):
        row = f"id,first_name,last_name,email,lms_user_id\ns{number},S,{number},s{number}@example.org,{100 + number}\n"
        (root / f"roster{number}.csv").write_text(row)
    return [["tito", "roster", "import", f"roster{number}.csv"] for number in range(many)]


@contextlib.contextmanager
def postgresql():
    """The URL of a new PostgreSQL server's database."""
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(folder)
        try:
            yield cluster.url
        finally:
            cluster.stop()


STARTS = {  # how many come at once; four times as many with --thorough
    "a new file": 4,
    "a new PostgreSQL database": 3,
    "a gradebook that nbgrader made alone": 2,
    "different commands on a new file": 2,
}
OTHERS = {
    "different commands on a new file": [
        ["nbgrader", "export", "--to", "one.csv"],
        ["nbgrader", "export", "--to", "other.csv"],
        ["tito", "roster", "show"],
        ["tito", "grades", "export"],
        ["tito", "report"],
    ],
}


@pytest.fixture(scope="module")
def crowd(pytestconfig):
    """Name of a start → how many come at once."""
    times = 4 if pytestconfig.getoption("thorough") else 1
    return {name: times * many for name, many in STARTS.items()}


@pytest.fixture(scope="module")
def started(released, tmp_path_factory, crowd):
    """For each of STARTS: exit codes, who is in the gradebook, and what was said."""
    folder = tmp_path_factory.mktemp("starts")
    with postgresql() as server:
        plans = {}
        for name, many in crowd.items():
            root = shutil.copytree(released, folder / name.replace(" ", "-").replace("'", ""))
            for path in root.glob("gradebook.db*"):
                path.unlink()
            if "alone" in name:
                with gradebook(root):
                    pass
            url = server if "PostgreSQL" in name else f"sqlite:///{root}/gradebook.db"
            plans[name] = str(root), url, [*rosters(root, many), *OTHERS.get(name, [])]
        done = subprocess.run(
            [sys.executable, "-c", START_TOGETHER, json.dumps(list(plans.values()))],
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        codes = json.loads(done.stdout.splitlines()[-1])
        found = {}
        for name, (root, url, _) in plans.items():
            with Gradebook(url, course_id="tinytorch") as book:
                there = {student.id for student in book.students}
            logs = "\n".join(path.read_text()[-800:] for path in sorted(Path(root).glob("log*")))
            found[name] = codes[root], there, logs
    return found


@pytest.mark.parametrize("name", STARTS)
def test_first_starts_at_once_disturb_nobody(started, crowd, name):
    codes, there, logs = started[name]
    many = crowd[name]
    assert codes[:many] == [0] * many, logs
    assert there == {f"s{number}" for number in range(many)}
    assert set(codes[many:]) <= {0, 2}, logs  # 2: nothing is released or graded yet
    assert "Traceback" not in logs


# A returned grade is stable


@pytest.fixture(scope="module")
def sent(read_by_a_person, solved, tmp_path_factory):
    """The class after feedback was sent to ada and grace; zoe, who solved half, still waits for hers."""
    root = shutil.copytree(read_by_a_person, tmp_path_factory.mktemp("sent") / "course")
    for student in ("ada", "grace"):
        code, said = run(root, "feedback", "setup", "--student", student, "--zip")
        assert code == 0, said
    return root


@pytest.fixture
def returned(sent, tmp_path):
    return shutil.copytree(sent, tmp_path / "course")


def correct(root, change):
    """The instructor corrects the module's source and releases it again."""
    path = root / "source" / "setup" / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    change({cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells})
    nbformat.write(notebook, path)
    code, said = run(root, "release", "setup")
    assert code == 0, said


def fewer_points(cells):
    cells["check_both"].metadata["nbgrader"]["points"] = 2


def more_points(cells):
    cells["check_double"].metadata["nbgrader"]["points"] = 4


def harder(cells):
    """A check that not even the students' right answers pass, because the task was changed under them."""
    cells["double"].source = cells["double"].source.replace(
        "return 2 * x", "return [2, *x] if isinstance(x, list) else 2 * x"
    )
    cells["check_double"].source = cells["check_double"].source.replace(
        "### END HIDDEN TESTS", 'checks.reference("lists", lambda: double([1, 2]))\n### END HIDDEN TESTS'
    )


@pytest.mark.needs("files")
@pytest.mark.parametrize("change", [fewer_points, more_points, harder])
def test_a_correction_changes_no_returned_score_until_a_person_accepts(returned, change):
    before = by_tito(returned)
    correct(returned, change)
    code, _, said = rows_of(returned)
    after = by_tito(returned)
    assert {who: after[who] for who in ("ada", "grace")} == {who: before[who] for who in ("ada", "grace")}
    assert after["zoe"] != before["zoe"], "who has no page yet has the new score at once"
    assert code == 1
    assert "ada" in said
    assert "grace" in said
    code, said = run(returned, "grade", "setup", "--accept", "--student", "ada")
    accepted = by_tito(returned)
    assert accepted["ada"] != before["ada"]
    assert accepted["grace"] == before["grace"]
    run(returned, "grade", "setup", "--accept")
    assert by_tito(returned)["grace"] != before["grace"]
    assert rows_of(returned)[0] == 0


@pytest.mark.needs("files")
def test_a_correction_that_changes_nobodys_score_asks_nobody(returned):
    before = by_tito(returned)
    correct(
        returned, lambda cells: cells["ask_why"].update(source=cells["ask_why"].source.replace("doubling", "twice"))
    )
    code, _, said = rows_of(returned)
    assert code == 0, said
    assert by_tito(returned) == before


@pytest.mark.needs("files")
def test_a_new_limit_that_changes_nobodys_score_asks_nobody(returned):
    edit(returned, "cell_seconds: 3", "cell_seconds: 4")
    code, _, said = rows_of(returned)
    assert code == 0, said


# Scores that can't be

ODD = {
    "extra credit of a slipped comment": {"extra_credit": 2e12},
    "extra credit just above": {"extra_credit": 2.5},
    "more than the cell has": {"manual_score": 200.0},
    "less than nothing": {"manual_score": -3.0},
    "extra credit below nothing": {"extra_credit": -20.0},
    "without end": {"extra_credit": float("inf")},
}


@pytest.mark.needs("files")
@pytest.mark.parametrize("fields", ODD.values(), ids=ODD)
@pytest.mark.parametrize("form", ["plain", "canvas", "moodle"])
def test_a_score_that_no_module_has_is_refused_and_named(read, fields, form):
    give(read, "ada", "check_both", **fields)
    code, said = run(read, "grades", "export", "setup", "--for", form, "--to", "out.csv")
    assert code == 1, said
    assert "ada" in said
    text = (read / "out.csv").read_text(encoding="utf-8")
    assert "000000" not in text
    assert "inf" not in text.lower()
    assert "209" not in text
    assert "grace" in text or "Grace" in text, "who is as they should be is exported"


@pytest.mark.needs("files")
@pytest.mark.parametrize("fields", ODD.values(), ids=ODD)
def test_a_score_that_no_module_has_is_in_no_report(read, fields):
    give(read, "ada", "check_both", **fields)
    code, said = run(read, "report", "--json")
    assert code == 1, said
    assert "ada" in said


@pytest.mark.needs("files")
def test_extra_credit_within_the_modules_points_is_no_question(read, solved):
    lay(read, "ada", solved(OTHER_CODE))
    rows_of(read)
    give(read, "ada", "check_both", extra_credit=1.0)
    code, said = run(read, "grades", "export", "setup")
    assert code == 0, said
    assert by_tito(read)["ada"][0] == by_nbgrader(read)["ada"][0]


# A dispute has an answer


@pytest.mark.needs("files")
def test_why_says_of_a_passed_and_of_a_failed_check_what_was_reported(read, solved):
    lay(read, "ada", solved(OTHER_CODE))
    rows_of(read)
    before = by_tito(read)
    code, failed = run(read, "why", "ada", "check_double")
    assert code == 0, failed
    assert "9" in failed, "what the submission reported for twice three"
    assert "6" in failed, "what the reference did"
    code, passed = run(read, "why", "grace", "check_double")
    assert code == 0, passed
    assert passed != failed
    assert by_tito(read) == before


@pytest.mark.needs("files")
@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("nobody", "check_double"), "nobody"), (("ada", "check_doubel"), "check_doubel"), (("ada",), "")],
)
def test_why_names_what_it_does_not_know(read, arguments, named):
    code, said = run(read, "why", *arguments)
    assert code == 2
    assert named in said
    assert "No such command" not in said


# What is released can be graded


def append(name, text):
    def change(cells):
        cells[name].source += text

    return change


def replace(name, old, new):
    def change(cells):
        assert old in cells[name].source
        cells[name].source = cells[name].source.replace(old, new)

    return change


def without_markers(cells):
    """The author forgot to make this cell one to be solved: students get the solution."""
    lines = cells["double"].source.splitlines()
    cells["double"].source = "\n".join(line for line in lines if "SOLUTION" not in line)
    cells["double"].metadata["nbgrader"] |= {"solution": False, "locked": True}


def worthless(cells):
    cells[
        "check_both"
    ].source = "### BEGIN HIDDEN TESTS\n# checks.reference('doubled', lambda: double(1))\n### END HIDDEN TESTS"


def points(value):
    def change(cells):
        cells["check_double"].metadata["nbgrader"]["points"] = value

    return change


HIDDEN_END = "### END HIDDEN TESTS"
MISTAKES = {
    "an earlier cell shadows what a solution uses": (append("tools", "\nrandom = None"), "check_normal"),
    "an earlier cell makes a name a number": (append("imports", "\nrange = 5"), "check_normal"),
    "a later cell replaces the solution": (append("normal", "\ndouble = normal"), "check_both"),
    "a visible literal is wrong": (replace("check_double", "double(3), 6", "double(3), 7"), "check_double"),
    "a visible number is only nearly right": (
        replace("check_double", "double(3), 6", "double(3), 6.1"),
        "check_double",
    ),
    "a visible exception is none": (
        replace("check_double", "TypeError, lambda: len", "TypeError, lambda: str"),
        "check_double",
    ),
    "a hidden check uses a name that is not there": (
        replace("check_both", HIDDEN_END, 'checks.reference("lost", lambda: triple(a))\n' + HIDDEN_END),
        "check_both",
    ),
    "a hidden check reads a file that is not there": (
        replace("check_both", HIDDEN_END, 'b = open("points.txt").read()\n' + HIDDEN_END),
        "check_both",
    ),
    "all checks are comments": (worthless, "check_both"),
    "the checks of a cell are gone": (lambda cells: cells["check_double"].update(source="pass"), "check_double"),
    "only what students see is checked": (
        lambda cells: cells["check_double"].update(source='checks.equal("twice three", double(3), 6)'),
        "check_double",
    ),
    "the solution has no markers": (without_markers, "check_double"),
    "a check asks for what the release has already": (
        lambda cells: cells["check_both"].update(
            source='### BEGIN HIDDEN TESTS\nchecks.reference("there", lambda: callable(double))\n### END HIDDEN TESTS'
        ),
        "check_both",
    ),
    "a check swallows that nothing is done": (
        lambda cells: cells["check_both"].update(
            source="### BEGIN HIDDEN TESTS\ntry:\n    done = double(1) * 0\nexcept NotImplementedError:\n    done = 0\n"
            'checks.reference("no change", lambda: done)\n### END HIDDEN TESTS'
        ),
        "check_both",
    ),
    "a judge accepts nothing": (replace("check_normal", "< 0.1", "< -0.1"), "check_normal"),
    "a check depends on the clock": (
        replace(
            "check_both",
            HIDDEN_END,
            'import time\nchecks.reference("now", lambda: double(time.time() % 1))\n' + HIDDEN_END,
        ),
        "check_both",
    ),
    "a check depends on chance": (
        replace(
            "check_both",
            HIDDEN_END,
            'import numpy\nchecks.reference("dice", lambda: double(numpy.random.default_rng().random()))\n'
            + HIDDEN_END,
        ),
        "check_both",
    ),
    "a solution stops": (replace("double", "return 2 * x", "return 2 * y"), "check_double"),
    "a cell ends too early": (append("normal", "\ndef half("), "normal"),
    "points are less than nothing": (points(-2), "check_double"),
    "points are a word": (points("two"), "check_double"),
}


ABSENT = {
    "misspelt": (append("tools", "\nimport tinytorch.core.tensro"), "tensro"),
    "from the package": (append("tools", "\nfrom tinytorch.core import tensro"), "tensro"),
    "a name of it": (append("tools", "\nfrom tinytorch.core.tensro import Tensor as T"), "tensro"),
    "beside an existing one": (append("tools", "\nimport random, tinytorch.core.tensro as t"), "tensro"),
    "in a function that nobody calls": (
        append("imports", "\ndef later():\n    import tinytorch.core.tensro"),
        "tensro",
    ),
    "in what is exported": (
        replace("double", "return 2 * x", "import tinytorch.core.tensro\n    return 2 * x"),
        "tensro",
    ),
    "in a hidden check": (
        replace("check_both", "### BEGIN HIDDEN TESTS", "### BEGIN HIDDEN TESTS\nimport tinytorch.core.tensro"),
        "tensro",
    ),
    "the module itself": (append("tools", "\nfrom tinytorch.core.setup import double"), "setup"),
    "a library that students do not have": (append("tools", "\nimport sklearn_of_mine"), "sklearn_of_mine"),
    "the instructor's half": (append("tools", "\nfrom autograder.judging import judge as j"), "autograder"),
}


def spoil(root, change):
    path = root / "source" / "setup" / NOTEBOOK
    notebook = nbformat.read(path, as_version=4)
    change({cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells})
    path.write_text(json.dumps(notebook), encoding="utf-8")


@pytest.mark.needs("files")
@pytest.mark.parametrize(("change", "named"), {**MISTAKES, **ABSENT}.values(), ids=[*MISTAKES, *ABSENT])
def test_a_module_that_grades_unfairly_is_not_released(shut_in, fresh, change, named):
    before = (fresh / "release" / "setup" / NOTEBOOK).read_bytes()
    spoil(fresh, change)
    code, said = run(fresh, "release", "setup")
    assert code in (1, 2), said
    assert named in said
    assert (fresh / "release" / "setup" / NOTEBOOK).read_bytes() == before


@pytest.mark.needs("files")
@pytest.mark.parametrize("command", ["generate_assignment", "otter build", "grade", "autograde"])
@pytest.mark.parametrize(
    "name", ["an earlier cell shadows what a solution uses", "all checks are comments", "the solution has no markers"]
)
def test_whichever_command_sees_it_first_refuses(root, name, command):
    change, named = MISTAKES[name]
    before = (root / "release" / "setup" / NOTEBOOK).read_bytes(), by_tito(root)
    spoil(root, change)
    if command in ("generate_assignment", "autograde"):
        code, said = nbgrader(root, command, "setup", "--force")
    else:
        code, said = run(root, *command.split(), "setup", *(["--force"] if command == "grade" else []))
    assert code != 0, said
    assert named in said
    assert ((root / "release" / "setup" / NOTEBOOK).read_bytes(), by_tito(root)) == before
    assert not (root / "dist" / "otter" / "setup" / "autograder.zip").exists()
