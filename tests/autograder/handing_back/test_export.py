"""Scores for other systems: what a CSV file says comes back, whatever a student is called."""

import csv
import subprocess
import sys
from datetime import datetime

import pytest
from nbgrader.api import Gradebook

from autograder.handing_back.export import FORMATS, Canvas, Moodle, Plain, cell_text
from tito.cli import main

HOSTILE = {
    "comma": ("O'Brien, Jr.", "Ada, B."),
    "quote": ('Ann "the" Lee', '"'),
    "lines": ("two\nlines", "three\r\nmore\rlines"),
    "formula": ("=HYPERLINK(A1)", "+1+cmd|' /C calc'!A0"),
    "minus": ("-2+3", "@SUM(1)"),
    "tab": ("\t=1", "\r=1"),
    "space": ("  =1", "\xa0@x"),
    "wide": ("＝1", "＠x"),  # noqa: RUF001
    "apostrophe": ("'=1", "''"),
    "letters": ("Łukasz", "李 🎓"),
    "number": ("1e5", "007"),
    "html": ("<script>", "&amp;"),
}
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


@pytest.fixture
def school(classroom):
    """A gradebook of students with hostile names: 7.25 of 11 points each, one without a submission, one who waits."""
    with Gradebook(f"sqlite:///{classroom}/gradebook.db") as gradebook:
        for student, (last, first) in HOSTILE.items():
            email = f"{student}@x.org"
            gradebook.add_student(student, last_name=last, first_name=first, email=email, lms_user_id="12")
        gradebook.add_student("-absent")
        for student in HOSTILE:
            submission = gradebook.add_submission("setup", student)
            for grade in submission.notebooks[0].grades:
                grade.needs_manual_grade = student == "comma" and grade.name == "reflect_why"
                grade.auto_score = {"check_double": 2, "check_normal": 0, "check_both": 3.25}.get(grade.name, 0)
                grade.manual_score = 2 if grade.name == "reflect_why" else None
        gradebook.find_submission("setup", "html").timestamp = datetime(2026, 3, 1, 12, 0, 1)
        gradebook.db.commit()
    manifest = (classroom / "course.yml").read_text().replace("due: null", "due: 2026-03-01T12:00:00Z", 1)
    (classroom / "course.yml").write_text(f"late: {{percent_per_day: {100 / 7.25}}}\n{manifest}")
    return classroom


def exported(root, plugin, **options):
    path = root / "out.csv"
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        plugin(to=str(path), **options).export(gradebook)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, quoting=csv.QUOTE_NONNUMERIC))


@pytest.mark.parametrize("plugin", FORMATS.values())
def test_no_text_starts_a_formula_and_numbers_stay_numbers(school, plugin):
    rows = exported(school, plugin, anyway=True)
    assert len({len(row) for row in rows}) == 1
    for cell in (cell for row in rows for cell in row):
        assert isinstance(cell, float) or not cell.lstrip(" \xa0").startswith(ACTIVE), cell
    scores = [row[rows[0].index("score" if plugin is Plain else "setup")] for row in rows[1:]]
    assert scores.count(7.25) == len(HOSTILE) - 1
    assert scores.count(6.25) == 1


@pytest.mark.parametrize("plugin", [Moodle, Plain])
def test_names_come_back(school, plugin):
    header, *rows = exported(school, plugin)
    found = {row[0]: dict(zip(header, row, strict=True)) for row in rows}
    last, first = ("Last name", "First name") if plugin is Moodle else ("last_name", "first_name")
    assert set(found) == {*HOSTILE, "'-absent"}
    for student, names in HOSTILE.items():
        assert (found[student][last], found[student][first]) == tuple(map(cell_text, names))
        assert {names[0], f"'{names[0]}"} & {found[student][last]}


def test_texts_without_danger_are_as_they_were():
    for value in ("Ada", "O'Brien, Jr.", 'x "y"', "a=b", "1-2", "two\nlines", "'=1", ""):
        assert cell_text(value) == value
    assert cell_text(None) == ""


def test_canvas(school):
    rows = exported(school, Canvas)
    assert rows[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "setup"]
    assert rows[1] == ["    Points Possible", "", "", "", "", 11.0]
    found = {row[2]: row for row in rows[2:]}
    assert found["letters"] == ["Łukasz, 李 🎓", "12", "letters", "letters", "", 7.25]
    assert found["'-absent"] == ["'-absent", "", "'-absent", "'-absent", "", ""]


def test_a_score_that_waits_for_a_person_is_none_yet(school):
    rows = {row[0]: row for row in exported(school, Moodle)}
    assert rows["comma"][-1] == ""
    assert rows["quote"][-1] == 7.25
    rows = {row[0]: row for row in exported(school, Plain)}
    assert dict(zip(rows["student"], rows["comma"], strict=True))["answers_waiting"] == 1


def test_choices(school):
    assert [row[0] for row in exported(school, Moodle, student=["quote"])[1:]] == ["quote"]
    assert exported(school, Moodle, assignment=["tensor"])[0][4:] == []


def test_nbgrader_does_it_too(school):
    command = [
        sys.executable,
        "-m",
        "nbgrader",
        "export",
        "--exporter",
        "autograder.handing_back.export.Canvas",
        "--to",
        "c.csv",
    ]
    done = subprocess.run(command, cwd=school, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    with (school / "c.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file, quoting=csv.QUOTE_NONNUMERIC)) == exported(school, Canvas)


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code or 0


def test_the_command(school, capsys):
    assert run("grades", "export", "setup", "--for", "moodle", "--to", "m.csv") == 0
    said = capsys.readouterr()
    assert "m.csv" in said.out
    assert "setup: no score for comma (why)" in " ".join(said.err.split())
    with (school / "m.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file, quoting=csv.QUOTE_NONNUMERIC)) == exported(school, Moodle)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--for", "excel"], "There is no format 'excel'. The formats: canvas, moodle, plain."),
        (["--student", "nobody"], "The gradebook knows no student 'nobody'."),
        (["tensr"], "There is no module 'tensr'. Did you mean tensor?"),
    ],
)
def test_wrong_use(school, capsys, arguments, message):
    assert run("grades", "export", *arguments) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert not list(school.glob("*.csv"))
