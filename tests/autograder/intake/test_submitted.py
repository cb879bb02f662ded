"""What lies in submitted/ goes the same way, whoever put it there, and whoever grades it: tito or stock nbgrader."""

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbgrader.api import Gradebook

from autograder.intake.roster import Roster
from autograder.intake.submitted import adopt, misplaced, refuse_stranger, refuse_unreadable, submissions
from autograder.intake.times import when_by
from autograder.judging.source import Source, released_text
from autograder.pages.report import report_on
from tests.autograder.conftest import nbgrader
from tests.autograder.intake.test_whose import CLASS
from tests.autograder.judging.test_recognition import bare
from tito import files
from tito.workspace import UserError, Workspace

FULL, ZOE_IN_TWO = 9, "zoe\u0308"
IN_DOUBT = {
    "two": "2 notebooks were worked on, and a person has to say which one counts: other.ipynb, setup_dev.ipynb",
    "pipe": "data is a pipe: the file itself has to be handed in",
    "unplaced": "nobody can tell which cell is reflect_why",
    "wrong": "None of the notebooks that were handed in is of setup: letter.ipynb",
    "untimed": "has no timestamp.txt: write the time of this one into timestamp.txt, or `in time`",
    "zo\u00eb": "is this one student?",
    ZOE_IN_TWO: "is this one student?",
    "huge": "large.bin is larger than 50 MB",
}


def as_released(source):
    notebook = nbformat.from_dict(json.loads(json.dumps(source.notebook)))
    for cell in notebook.cells:
        cell.source = released_text(cell)
    return nbformat.writes(notebook)


@pytest.fixture(scope="module")
def once(shut_in, released, tmp_path_factory, solved, source, hand_in):
    """A class whose work was laid into submitted/ by hand."""
    root = tmp_path_factory.mktemp("submitted") / "course"
    shutil.copytree(released, root)
    manifest = root / "course.yml"
    text = manifest.read_text().replace("due: null", "due: 2026-11-25T12:00:00+00:00", 1)
    manifest.write_text(f"late: {{percent_per_day: 10}}\n{text}")
    work, untouched = nbformat.writes(solved(extra=["1 + 1"])), as_released(source)
    lost = bare(json.loads(work))
    unplaced = bare(json.loads(work))
    unplaced["cells"].insert(3, unplaced["cells"].pop())
    given = {
        "plain": {"setup_dev.ipynb": work},
        "downloaded": {"setup_dev.ipynb": untouched, "setup_dev (1).ipynb": work},
        "bom": {"setup_dev.ipynb": "\ufeff" + work},
        "crlf": {"setup_dev.ipynb": work.replace("\\n", "\\r\\n")},
        "lost": {"my homework.ipynb": json.dumps(lost)},
        "nothing": {"setup_dev.ipynb": untouched, "copy.ipynb": untouched},
        "two": {"setup_dev.ipynb": work, "other.ipynb": work.replace("1 + 1", "2 + 2")},
        "pipe": {"setup_dev.ipynb": work},
        "unplaced": {"setup_dev.ipynb": json.dumps(unplaced)},
        "wrong": {"letter.ipynb": json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})},
        "untimed": {"setup_dev.ipynb": work},
        "zo\u00eb": {"setup_dev.ipynb": work},
        ZOE_IN_TWO: {"setup_dev.ipynb": work},
        "huge": {"setup_dev.ipynb": work},
    }
    for student, papers in given.items():
        for name, text in papers.items():
            folder = hand_in(root, student, text, name)
        if student != "untimed":
            (folder / "timestamp.txt").write_text("In time\r\n")
    os.mkfifo(root / "submitted/pipe/setup/data")
    with open(root / "submitted/huge/setup/large.bin", "wb") as large:
        large.truncate(10**11)
    return root


@pytest.fixture
def a_class(once, tmp_path, monkeypatch):
    subprocess.run(["cp", "-a", "--sparse=always", once, tmp_path / "course"], check=True)
    monkeypatch.chdir(tmp_path / "course")
    return tmp_path / "course"


@pytest.mark.needs("files")
@pytest.mark.parametrize("free", ["no rule", "a pardon"])
def test_where_being_late_costs_nothing_nobody_has_to_say_when(a_class, tito, free):
    if free == "no rule":
        manifest = a_class / "course.yml"
        manifest.write_text(manifest.read_text().replace("late: {percent_per_day: 10}", "", 1))
    else:
        (a_class / "accommodations.yml").write_text("untimed: {all: {no_penalty: true}}\n")
    code, out, _ = tito("grade", "setup", "--student", "untimed", "--json")
    assert (code, json.loads(out)[0]["score"]) == (0, FULL)


def scores(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        return {one.student_id: one.score for one in gradebook.assignment_submissions("setup") if one.notebooks}


def test_tito_grades_what_is_somebodys_and_names_the_others(a_class, tito):
    code, out, _ = tito("grade", "setup", "--json")
    rows = {row["student"]: row for row in json.loads(out)}
    assert code == 1
    assert {student: row["score"] for student, row in rows.items() if not row["trouble"]} == dict.fromkeys(
        ("plain", "downloaded", "bom", "crlf", "lost"), FULL
    ) | {"nothing": 0}
    for student, said in IN_DOUBT.items():
        assert said in (rows[student]["trouble"] or ""), student
    assert rows["downloaded"]["notes"] == ["setup_dev.ipynb was passed over: as it was released"]
    assert "10 cells had lost their names" in rows["lost"]["notes"][0]
    assert not [note for note in rows["crlf"]["notes"] if "changed" in note]
    assert "def double" in (a_class / "submitted/downloaded/setup/setup_dev as released.ipynb").read_text()
    code, out, _ = tito("grade", "setup", "--json")
    assert {row["student"] for row in json.loads(out) if row["unchanged"]} == set(scores(a_class))


def test_stock_nbgrader_does_the_same(a_class):
    for student in ("pipe", "huge"):  # nbgrader copies files before it asks anybody
        shutil.rmtree(a_class / "submitted" / student)
    code, said = nbgrader("autograde", "setup")
    assert code == 1
    graded = {student: score for student, score in scores(a_class).items() if student not in IN_DOUBT}
    assert graded == dict.fromkeys(("plain", "downloaded", "bom", "crlf", "lost"), FULL) | {"nothing": 0}
    assert not [student for student in IN_DOUBT if (a_class / "autograded" / student / "setup").exists()]
    for student in IN_DOUBT.keys() - {"pipe", "huge", "wrong"}:
        assert IN_DOUBT[student] in said, student


@pytest.mark.parametrize(
    ("student", "everybody", "said"),
    [
        ("ada", {"ada", "4711"}, None),
        ("adda", {"adda"}, "adda is not in the roster"),
        ("Ada", {"Ada"}, "Ada is not in the roster (but ada is)"),
        ("Ada", {"Ada", "ada"}, "is this one student?"),
        ("ada", {"Ada", "ada"}, "is this one student?"),
        ("zoe\u0308", {"zoe\u0308"}, "rename the folder"),
        ("zo\u00eb", {"zo\u00eb"}, None),
        ("ada[1]", {"ada[1]"}, "'ada[1]' can't be a student's id"),  # nbgrader would take it for a pattern
        ("*", {"*", "ada"}, "'*' can't be a student's id"),
    ],
)
def test_whose_a_folder_is(student, everybody, said):
    if said is None:
        refuse_stranger(student, frozenset(everybody), Roster(CLASS))
        return
    with pytest.raises(UserError) as error:
        refuse_stranger(student, frozenset(everybody), Roster(CLASS))
    assert said in str(error.value)


@pytest.mark.parametrize("what", ["link", "link to a folder", "the folder", "the student's folder", "pipe", "socket"])
def test_what_is_no_plain_file(tmp_path, what):
    folder = tmp_path / "ada" / "setup"
    folder.mkdir(parents=True)
    (folder / "setup_dev.ipynb").write_text("{}")
    refuse_unreadable(folder)
    if what == "pipe":
        os.mkfifo(folder / "setup.ipynb")
    elif what == "socket":
        os.mknod(folder / "socket", 0o140644)
    elif what.startswith("link"):
        (folder / "more").symlink_to("/etc/passwd" if what == "link" else "/etc")
    else:
        moved = tmp_path / "elsewhere"
        (folder if what == "the folder" else folder.parent).rename(moved)
        (folder if what == "the folder" else folder.parent).symlink_to(moved)
    with pytest.raises(UserError, match=r"is a (link|pipe|socket)"):
        refuse_unreadable(folder)


def test_a_backup_of_titos_is_no_second_copy(source, solved, tmp_path):
    folder = tmp_path / "ada" / "setup"
    folder.mkdir(parents=True)
    for name, word in (("setup_dev.ipynb", "1"), ("setup_dev.backup-20261125.ipynb", "2")):
        nbformat.write(solved(extra=[word]), folder / name)
    assert adopt(source, folder) == []


def test_an_interrupted_collection_is_finished_before_grading(released, tmp_path):
    shutil.copytree(released, tmp_path / "course")
    source = Source.of(Workspace.find(tmp_path / "course"), "setup")
    folder = tmp_path / "course" / "submitted" / "ada" / "setup"
    files.replace_folder(folder, {"setup_dev.ipynb": b"{}"})
    folder.rename(folder.with_name(".setup.old"))
    assert submissions(source) == {"ada": folder}


@pytest.mark.parametrize("text", ["in time", "\ufeffIn Time\r\n", " IN TIME "])
def test_in_time_is_an_answer(text):
    assert when_by(text, None).late is False


def by_utc(days):
    return f"{datetime.now(UTC) + timedelta(days=days):%Y-%m-%d %H:%M:%S} UTC"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (1.5, "is still to come: by this machine's clock it is 20"),
        (365, "is still to come"),
        ("2926-11-25 12:00 UTC", "is still to come"),
        ("2226-11-25-12-00-00", "is still to come"),  # as in Blackboard's names
        ("2019-12-31 12:00 UTC", "is before there was this course"),
        ("1970-01-01 00:00 UTC", "is before there was this course"),
        ("1026-11-25 12:00 UTC", "the year must be one from 1970 to 2999"),
        ("9999-12-31 23:59 -0500", "the year must be one from 1970 to 2999"),
    ],
)
def test_a_time_at_which_nobody_can_have_handed_in(text, said):
    text = text if isinstance(text, str) else by_utc(text)  # days from now
    with pytest.raises(ValueError, match=re.escape(text[:20])) as raised:
        when_by(text, ZoneInfo("Europe/Berlin"))
    assert said in str(raised.value)


@given(st.datetimes(datetime(2020, 1, 2), datetime(2026, 11, 20), timezones=st.just(UTC)))
def test_any_other_time_comes_back(moment):
    assert when_by(f"{moment:%Y-%m-%d %H:%M:%S.%f} UTC", None).moment == moment
    assert when_by(by_utc(0.9), None).is_late(datetime.now(UTC)) is True, "clocks may be a few hours apart"


def test_a_time_that_is_still_to_come_changes_no_score(a_class, tito):
    assert tito("grade", "setup", "--student", "plain")[0] == 0
    for days, said in ((400, "is still to come"), (-9000, "is before there was this course")):
        (a_class / "submitted/plain/setup/timestamp.txt").write_text(by_utc(days))
        code, out, _ = tito("grade", "setup", "--student", "plain", "--json")
        assert (code, said in json.loads(out)[0]["trouble"]) == (1, True)
        assert said in tito("deadlines", "setup", "--student", "plain", "--json")[1]
        assert scores(a_class)["plain"] == FULL


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("kim/setup_dev.ipynb", "kim/setup_dev.ipynb"),
        ("kim/Setup/setup_dev.ipynb", "kim/Setup"),
        ("kim/setup /my work.ipynb", "kim/setup "),
        ("kim/homework/SETUP_DEV (1).IPYNB", "kim/homework"),
        ("setup/kim/setup_dev.ipynb", "setup/kim"),
        ("kim/setup/setup_dev.ipynb", None),
        ("kim/tensor/setup_dev.ipynb", None),
        ("kim/notes/other.ipynb", None),
        ("kim/.ipynb_checkpoints/setup_dev-checkpoint.ipynb", None),
        (".Trash/setup/setup_dev.ipynb", None),
    ],
)
def test_work_that_lies_where_nothing_is_read_is_named(tmp_path, source, path, named):
    shutil.copytree(source.workspace.root, tmp_path, dirs_exist_ok=True)
    here = Source.of(Workspace.find(tmp_path), "setup")
    (tmp_path / "submitted" / path).parent.mkdir(parents=True)
    (tmp_path / "submitted" / path).write_text("{}")
    student = path.partition("/")[0]
    said = {student: f"submitted/{named} is not read: work belongs into submitted/STUDENT/setup/"} if named else {}
    assert misplaced(here) == misplaced(here, {student}) == said
    assert misplaced(here, {"ada"}) == {}


def test_work_that_lies_where_nothing_is_read_is_neither_graded_nor_missing(classroom, hand_in, tito):
    hand_in(classroom, "kim", "{}").rename(classroom / "submitted" / "kim" / "Setup")
    code, out, _ = tito("grade", "setup", "--json")
    assert (code, [(row["student"], row["score"]) for row in json.loads(out)]) == (1, [("kim", None)])
    assert "submitted/kim/Setup is not read" in out
    with Gradebook(f"sqlite:///{classroom}/gradebook.db") as gradebook:
        found = report_on(Workspace.find(classroom), gradebook, Source.of(Workspace.find(classroom), "setup"))
    assert (found.missing, found.not_graded) == ([], ["kim"])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"setup_dev.ipynb/setup_dev.ipynb": "{}"},
            "submitted/kim/setup/setup_dev.ipynb is a folder. Lay the notebook",
        ),
        ({"setup_dev.ipynb/notes.txt": "x"}, "submitted/kim/setup/setup_dev.ipynb is a folder. Lay the notebook"),
        ({"my work.zip": "PK"}, "What is there: my work.zip. `tito collect` opens zips, and nothing else does."),
        ({"timestamp.txt": "in time"}, "no other notebook was handed in. What is there: nothing."),
    ],
)
def test_a_submission_without_a_notebook_says_what_it_holds(tmp_path, source, files, said):
    for name, text in files.items():
        path = tmp_path / "submitted/kim/setup" / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    with pytest.raises(UserError) as raised:
        adopt(source, tmp_path / "submitted/kim/setup")
    assert said in str(raised.value)
