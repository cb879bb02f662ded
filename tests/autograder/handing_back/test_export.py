"""Scores for other systems: what a CSV file says comes back, whatever a student is called."""

import csv
import re
import shutil
import sqlite3
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from nbgrader.api import Gradebook

from autograder.handing_back.export import FORMATS, Canvas, Moodle, Plain, Standard, cell_text
from autograder.intake.submitted import alone
from tito.cli import main
from tito.workspace import UserError, Workspace

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


@pytest.fixture(scope="module")
def filled(released, tmp_path_factory):
    """A gradebook of students with hostile names: 7.25 of 11 points each, one without a submission, one who waits."""
    classroom = shutil.copytree(released, tmp_path_factory.mktemp("school") / "course")
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
    manifest = manifest.replace("timezone: null", "timezone: Europe/Berlin")
    (classroom / "course.yml").write_text(f"late: {{percent_per_day: {100 / 7.25}}}\n{manifest}")
    return classroom


@pytest.fixture
def school(filled, own_copy):
    return own_copy(filled)


def exported(root, plugin, **options):
    path = root / "out.csv"
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        plugin(to=str(path), **options).export(gradebook)
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file, quoting=csv.QUOTE_NONNUMERIC))


@pytest.mark.parametrize("plugin", [*FORMATS.values(), Standard])
def test_no_text_starts_a_formula_and_numbers_stay_numbers(school, plugin):
    rows = exported(school, plugin, anyway=True)
    assert len({len(row) for row in rows}) == 1
    for cell in (cell for row in rows for cell in row):
        assert isinstance(cell, float) or not cell.lstrip(" \xa0").startswith(ACTIVE), cell
    scores = [row[rows[0].index("score" if plugin in (Plain, Standard) else "setup")] for row in rows[1:]]
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


STATES = ("hidden", "given", "draft", "elective", "removed")


def each_with_each(kind, state):
    """All states in one format, all formats for one state. The base of all formats chooses: the rest is thorough."""
    sampled = kind == "plain" or state == "hidden"
    return pytest.param(kind, state, marks=[] if sampled else pytest.mark.thorough)


@pytest.mark.parametrize(("kind", "state"), [each_with_each(kind, state) for kind in FORMATS for state in STATES])
def test_a_module_that_is_not_taught_any_more_has_no_column(school, capsys, state, kind):
    shutil.copytree("source/setup", "source/tensor")
    Path("source/tensor/setup_dev.ipynb").rename("source/tensor/tensor_dev.ipynb")
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        gradebook.add_assignment("tensor")
        gradebook.add_notebook("tensor_dev", "tensor")
    assert run("grades", "export", "--for", kind, "--anyway") == 0
    path = Path(f"grades-{kind}.csv")
    assert "tensor" in path.read_text(encoding="utf-8")
    manifest, row = Path("course.yml"), "  - name: tensor\n"
    if state == "removed":
        before, after = manifest.read_text().split(row)
        manifest.write_text(f"{before}{row}    state: hidden\n{after}".replace("name: tensor", "name: pixels"))
        manifest.write_text(re.sub(r"\[([^\]]*)tensor", r"[\1pixels", manifest.read_text()))
    else:
        manifest.write_text(manifest.read_text().replace(row, f"{row}    state: {state}\n"))
    assert run("grades", "export", "--for", kind, "--anyway") == 0
    assert "tensor" not in path.read_text(encoding="utf-8")
    assert "left out" not in capsys.readouterr().err
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        gradebook.add_submission("tensor", "quote")
    assert run("grades", "export", "--for", kind, "--anyway") == 0
    assert "left out, because it is not taught now: tensor." in " ".join(capsys.readouterr().err.split())
    assert "tensor" not in path.read_text(encoding="utf-8")


def test_an_export_while_somebody_grades_says_so(school, capsys):
    with alone(Workspace.find(), "setup"):
        assert run("grades", "export") == 0
    assert "somebody works on setup right now: export again when they have finished" in " ".join(
        capsys.readouterr().err.split()
    )
    assert run("grades", "export") == 0
    assert "right now" not in capsys.readouterr().err


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


def test_a_larger_class_takes_no_more_queries(school):
    def queries() -> int:
        found = []
        with Gradebook(f"sqlite:///{school}/gradebook.db") as gradebook:
            sa.event.listen(gradebook.engine, "before_cursor_execute", lambda *said: found.append(said[2]))
            Canvas(to=str(school / "out.csv"), anyway=True).export(gradebook)
        return len(found)

    queries()  # notes which scores were given
    before = queries()
    with Gradebook(f"sqlite:///{school}/gradebook.db") as gradebook:
        for number in range(5):
            gradebook.add_student(f"more{number}")
            gradebook.add_submission("setup", f"more{number}")
    queries()
    assert queries() == before


WRONG = {  # student → score, extra credit of reflect_why, which is worth 2
    "quote": (2, 2e12),
    "lines": (-3, None),
    "tab": (7, None),
    "wide": (float("inf"), None),
    "html": (1.5, 1),
}


def spoil():
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        for student, (score, extra) in WRONG.items():
            grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", student)
            grade.manual_score, grade.extra_credit = score, extra
        gradebook.db.commit()


@pytest.mark.parametrize("plugin", [*FORMATS.values(), Standard])
def test_a_score_that_no_answer_can_have_is_left_out_and_named(school, plugin):
    before = exported(school, plugin, anyway=True)
    spoil()
    with pytest.raises(UserError, match="no score for whom nobody can tell it") as raised:
        exported(school, plugin, anyway=True)
    assert set(re.findall(r"(?m)^setup, (\w+): reflect_why has", str(raised.value))) == set(WRONG)
    with (school / "out.csv").open(newline="", encoding="utf-8") as file:
        after = list(csv.reader(file, quoting=csv.QUOTE_NONNUMERIC))
    changed = {cell for old, new in zip(before, after, strict=True) if old != new for cell in new if cell in WRONG}
    assert changed == set(WRONG)
    for old, new in zip(before, after, strict=True):
        different = {a: b for a, b in zip(old, new, strict=True) if a != b}
        assert set(different.values()) <= {""}
        assert not different or {6.25, 7.25} & set(different)


def test_a_student_who_is_chosen_is_not_stopped_by_others(school):
    spoil()
    exported(school, Plain, student=["letters"])
    with pytest.raises(UserError, match="setup, tab: reflect_why has 7 points, and is worth 2"):
        exported(school, Plain, student=["letters", "tab"])


def test_extra_credit_that_the_course_allows(school):
    manifest = school / "course.yml"
    manifest.write_text(f"extra_credit: 1\n{manifest.read_text()}")
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        gradebook.find_grade("reflect_why", "setup_dev", "setup", "quote").extra_credit = 1
        gradebook.find_grade("reflect_why", "setup_dev", "setup", "tab").extra_credit = 2
        gradebook.db.commit()
    assert run("grades", "export", "setup", "--for", "moodle", "--to", "m.csv", "--anyway") == 1
    found = {row[0]: row[-1] for row in csv.reader((school / "m.csv").open(newline="", encoding="utf-8"))}
    assert (found["quote"], found["tab"], found["letters"]) == ("8.25", "", "7.25")


def run(*arguments):
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return ended.value.code or 0


def test_the_command(school, capsys):
    assert run("grades", "export", "setup", "--for", "moodle", "--to", "m.csv") == 0
    said = capsys.readouterr()
    assert "m.csv" in said.out
    assert "no score where answers wait for a person: setup: comma. --anyway" in " ".join(said.err.split())
    with (school / "m.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file, quoting=csv.QUOTE_NONNUMERIC)) == exported(school, Moodle)
    assert run("grades", "export", "setup", "--for", "moodle", "--to", "/dev/stdout") == 0
    said = capsys.readouterr()
    assert (said.out.encode(), "Wrote /dev/stdout" in said.err) == ((school / "m.csv").read_bytes(), True)


def test_a_target_that_is_no_file_is_refused_before_a_score_counts_as_given(school, capsys):
    (school / "m.csv").touch()
    for target, said in (("source", "source is a folder. Name a file"), ("m.csv/x", "m.csv is not a folder")):
        assert run("grades", "export", "setup", "--for", "canvas", "--to", target) == 2
        assert said in " ".join(capsys.readouterr().err.split())
    with sqlite3.connect(school / "gradebook.db") as gradebook:
        assert gradebook.execute("select count(*) from tinytorch_given").fetchone() == (0,)


def test_many_who_wait_are_counted(school, capsys, monkeypatch):
    monkeypatch.setattr("autograder.commands.grades.FEW", 0)
    assert run("grades", "export", "setup", "--for", "moodle", "--to", "m.csv") == 0
    assert "no score where answers wait for a person: setup: 1 of the class. --anyway" in " ".join(
        capsys.readouterr().err.split()
    )


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
