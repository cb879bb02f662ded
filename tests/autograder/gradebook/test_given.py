"""A score that a student was given back stays, until the student hands in anew or a person accepts another one."""

import json
import re
import shutil
from datetime import datetime

import numpy as np
import pytest
import sqlalchemy as sa
from nbgrader.api import Gradebook

from autograder.gradebook.api import must, nbgrader_api
from autograder.gradebook.tables import GIVEN
from autograder.judging import jobs
from tests.autograder.gradebook.test_corrections import LENIENT, STRICT, correct, scores
from tito.workspace import Workspace

WORSE = "def double(x):\n    return x"


@pytest.fixture(scope="module")
def handed_back(shut_in, released, solved, hand_in, tmp_path_factory):
    """ada and bert were given their pages, carl was graded only. bert and carl fail a check that is too strict."""
    root = shutil.copytree(released, tmp_path_factory.mktemp("handed") / "course")
    for student, cells in {"ada": {}, "bert": {"double": STRICT}, "carl": {"double": STRICT}}.items():
        hand_in(root, student, solved(cells))
    with pytest.MonkeyPatch.context() as patches:
        patches.chdir(root)
        assert run("grade", "setup") == 0
        read_by_a_person(root, "ada", "bert", "carl")
        for student in ("ada", "bert"):
            assert run("feedback", "setup", "--zip", "--student", student) == 0
    return root


def run(*arguments):
    from tito.cli import main

    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return end.value.code or 0


def read_by_a_person(root, *students):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for student in students:
            grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", student)
            grade.manual_score, grade.needs_manual_grade = 1, False
        gradebook.db.commit()


@pytest.fixture
def given(handed_back, own_copy):
    return own_copy(handed_back)


@pytest.fixture
def graded(tito):
    """A function that runs `tito grade setup`: exit code, and student → row."""

    def grade(*arguments):
        code, out, _ = tito("grade", "setup", "--json", *arguments)
        return code, {row["student"]: row for row in json.loads(out)}

    return grade


def mend_check(root, tito):
    """Correct the check that was too strict: ada's score stays, bert's and carl's grow."""
    correct(root, lambda _, cells: cells["check_double"].update(source=LENIENT))
    assert tito("release", "setup")[0] == 0


def page_of(root, student):
    text = (root / f"feedback/{student}/setup/setup_dev.html").read_text()
    found = re.search(r'(?s)id="changes">(.*?)</aside>', text)
    return re.sub(r"<[^>]*>", "", found[1]) if found else None


def test_it_is_listed_and_stays_until_it_is_accepted(given, tito, graded):
    mend_check(given, tito)
    for _ in range(2):  # however often it is asked
        code, rows = graded()
        assert code == 1
        assert [who for who, row in rows.items() if row["trouble"]] == ["bert"]
        assert rows["bert"]["trouble"] == (
            "was given other scores, which stay: double 0 → 2. To change them: tito grade setup --accept --student bert"
        )
        assert [(one["question"], one["before"], one["after"]) for one in rows["bert"]["changes"]] == [
            ("check_double", 0, 2)
        ]
        assert (rows["bert"]["score"], scores(given, "bert")["check_double"]) == (7, 0)
        assert scores(given, "carl")["check_double"] == 2  # was given nothing
    assert "was given other scores, which stay: double 0 → 2" in " ".join(tito("grade", "setup")[1].split())
    assert tito("feedback", "setup", "--student", "bert")[0] == 0
    assert page_of(given, "bert") is None

    assert graded("--accept", "--student", "bert")[0] == 0
    assert scores(given, "bert")["check_double"] == 2
    code, rows = graded()
    assert (code, {row["unchanged"] for row in rows.values()}) == (0, {True})
    for _ in range(2):  # before it is sent, and after that
        assert tito("feedback", "setup", "--zip")[0] == 0
        assert re.search(r"20\d\d-\d\d-\d\d: double from 0 to 2 points", page_of(given, "bert"))
    assert page_of(given, "ada") is None


WAYS = {
    "canvas": (["grades", "export", "--for", "canvas"], True),
    "moodle": (["grades", "export", "--for", "moodle"], True),
    "plain": (["grades", "export"], False),
    "a page that is only made": (["feedback", "setup"], False),
    "a zip": (["feedback", "setup", "--zip"], True),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_gives_a_score(given, tito, way):
    command, gives = WAYS[way]
    assert tito(*command)[0] == 0
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        students = set(gradebook.db.execute(sa.select(GIVEN.c.student)).scalars())
        notes = len(list(gradebook.db.execute(sa.select(GIVEN))))
    assert students == {"ada", "bert", *(["carl"] if gives else [])}
    assert tito(*command)[0] == 0
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        assert len(list(gradebook.db.execute(sa.select(GIVEN)))) == notes  # the same scores once more are no news


def test_the_last_score_that_was_given_is_the_last_whatever_the_clock_says(given, tito, monkeypatch):
    class Back(datetime):
        @classmethod
        def now(cls, zone=None):
            return datetime(2020, 1, 1, tzinfo=zone)

    monkeypatch.setattr("autograder.gradebook.given.datetime", Back)
    for score in (1, 0, 1):
        with Gradebook("sqlite:///gradebook.db") as gradebook:
            gradebook.find_grade("check_double", "setup_dev", "setup", "bert").manual_score = score
            gradebook.db.commit()
        for _ in range(2):  # the same score once more is no news
            assert tito("grades", "export", "--for", "moodle", "--student", "bert")[0] == 0
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        theirs = (GIVEN.c.student == "bert") & (GIVEN.c.question == "check_double")
        scores = gradebook.db.execute(sa.select(GIVEN.c.score).where(theirs).order_by(GIVEN.c.at)).scalars()
        assert list(scores) == [0, 1, 0, 1]


def test_an_answer_that_waits_is_not_given(given, tito):
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        gradebook.find_grade("reflect_why", "setup_dev", "setup", "carl").needs_manual_grade = True
        gradebook.db.commit()
    assert tito("feedback", "setup", "--zip", "--anyway", "--student", "carl")[0] == 0
    with Gradebook("sqlite:///gradebook.db") as gradebook:
        questions = gradebook.db.execute(sa.select(GIVEN.c.question).where(GIVEN.c.student == "carl")).scalars()
        assert set(questions) == {"check_double", "check_normal", "check_both"}


def test_all_are_accepted_at_once(given, tito, graded):
    correct(given, lambda _, cells: cells["check_normal"].metadata["nbgrader"].update(points=2))
    assert tito("release", "setup")[0] == 0
    code, rows = graded()
    assert (code, [who for who, row in rows.items() if row["trouble"]]) == (1, ["ada", "bert"])
    assert graded("--accept")[0] == 0
    assert {scores(given, student)["check_normal"] for student in rows} == {2}


@pytest.mark.parametrize("what", ["engine and judge", "numpy"])
def test_another_key_with_the_same_scores_asks_nobody(given, graded, monkeypatch, what):
    if what == "numpy":
        monkeypatch.setattr(np, "__version__", "9.9")
    else:
        monkeypatch.setattr(jobs, "_grader", lambda: "another")
    code, rows = graded()
    assert (code, {row["unchanged"] for row in rows.values()}) == (0, {False})
    code, rows = graded()
    assert (code, {row["unchanged"] for row in rows.values()}) == (0, {True})


def test_a_new_hand_in_asks_nobody(given, graded, tito, solved, hand_in):
    first = (given / "submitted/ada/setup/setup_dev.ipynb").read_text()
    hand_in(given, "ada", solved({"double": WORSE}))
    assert graded()[0] == 0
    assert scores(given, "ada")["check_double"] == 0
    read_by_a_person(given, "ada")
    assert tito("feedback", "setup", "--zip", "--student", "ada")[0] == 0
    assert page_of(given, "ada") is None  # nothing of this work has changed
    hand_in(given, "ada", first)  # and back again: it gets what it was given
    assert graded()[0] == 0
    assert scores(given, "ada") == {"check_double": 2, "check_normal": 3, "check_both": 4}


def test_what_was_given_for_an_earlier_work_stays_with_it(given, graded, tito, solved, hand_in):
    """bert hands in something else, the check is mended, and bert goes back to the first."""
    first = (given / "submitted/bert/setup/setup_dev.ipynb").read_text()
    hand_in(given, "bert", solved())
    assert graded()[0] == 0
    mend_check(given, tito)
    hand_in(given, "bert", first)
    code, rows = graded()
    assert (code, rows["bert"]["trouble"].partition(". ")[0]) == (1, "was given other scores, which stay: double 0 → 2")


def test_a_persons_score_counts_whatever_the_machine_comes_to(given, graded, tito):
    with Gradebook(f"sqlite:///{given}/gradebook.db") as gradebook:
        gradebook.find_grade("check_double", "setup_dev", "setup", "bert").manual_score = 1
        gradebook.db.commit()
    assert tito("feedback", "setup", "--zip", "--student", "bert")[0] == 0
    assert "double from 0 to 1 points" in page_of(given, "bert")
    mend_check(given, tito)
    assert graded()[0] == 0
    with Gradebook(f"sqlite:///{given}/gradebook.db") as gradebook:
        grade = gradebook.find_grade("check_double", "setup_dev", "setup", "bert")
        assert (grade.score, grade.auto_score, grade.needs_manual_grade) == (1, 2, True)  # a person is asked


def test_a_given_question_is_not_removed(given, tito):
    correct(given, lambda notebook, cells: notebook.cells.remove(cells["check_both"]))
    code, _, err = tito("release", "setup")
    assert (code, "check_both of setup has a score that students were given back" in err) == (2, True)
    assert scores(given, "ada")["check_both"] == 4


def test_nbgraders_own_autograde_leaves_it_alone_too(given, tito):
    mend_check(given, tito)
    with nbgrader_api(Workspace.find(given)) as api:
        outcome = api.autograde("setup", "bert", force=True)
        assert not outcome["success"]
        assert "bert was given other scores, which stay: double 0 → 2" in outcome["log"]
        assert scores(given, "bert")["check_double"] == 0
        must(api.autograde("setup", "carl", force=True), "carl")
        assert scores(given, "carl")["check_double"] == 2
        must(api.generate_feedback("setup", "carl"), "carl's page")  # what nbgrader graded is on record
        assert not api.generate_feedback("setup", "ghost")["success"]


def test_a_page_waits_until_its_scores_are_recorded(given, tito, solved, hand_in, monkeypatch):
    """What a commit that fails leaves behind: the new answer, and the old one's scores."""
    from autograder.gradebook import record

    def failing(self):
        raise RuntimeError("the database is locked")

    hand_in(given, "ada", solved({"reflect_why": "I think so."}))
    with monkeypatch.context() as patches:
        patches.setattr(record._OneCommit, "really_commit", failing)
        assert tito("grade", "setup", "--student", "ada")[0] == 1
    with nbgrader_api(Workspace.find(given)) as api:
        assert not api.generate_feedback("setup", "ada")["success"]
    code, out, _ = tito("feedback", "setup", "--zip", "--json")
    rows = {row["student"]: row for row in json.loads(out)}
    assert (code, [who for who, row in rows.items() if row["trouble"]]) == (1, ["ada"])
    assert sorted(path.name for path in given.glob("dist/feedback/setup/*")) == ["bert.zip", "carl.zip"]
    code, out, _ = tito("grade", "setup", "--json", "--only", "check_double", "--student", "ada")
    assert code == 0  # ada's work is another one: all of it is graded
    with Gradebook(f"sqlite:///{given}/gradebook.db") as gradebook:
        assert gradebook.find_grade("reflect_why", "setup_dev", "setup", "ada").needs_manual_grade


def test_one_question_alone_needs_the_results_of_the_others(given, tito, graded):
    path = given / "autograded/carl/setup/setup_dev.ipynb"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"3.0"', b'"2.0"'))
    code, rows = graded("--only", "check_double", "--student", "carl")
    assert (code, "does not hold what the gradebook is about" in rows["carl"]["trouble"]) == (1, True)
    assert graded("--student", "carl")[0] == 0


def test_a_student_who_was_removed_is_graded_as_a_new_one(given, graded):
    with Gradebook(f"sqlite:///{given}/gradebook.db") as gradebook:
        gradebook.remove_student("ada")
    assert graded()[0] == 0
    assert scores(given, "ada")["check_double"] == 2
