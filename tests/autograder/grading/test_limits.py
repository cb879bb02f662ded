"""What ended at a limit is run once more, alone, before it costs points; its note stays as long as the grade."""

import json
import threading
import time

import pytest

from autograder.engine.execute import Run
from autograder.engine.pool import Options
from autograder.grading.pipeline import Selection, grade_module
from autograder.judging.judge import Verdict
from autograder.judging.source import Source
from tito.workspace import Workspace

LIMIT, PAGE = "double: took longer than 3 s", "feedback/loops/setup/setup_dev.html"
ON_PAGE = "<li>double: took longer than 3 s</li>"
CLASS = {  # student → what each of the runs gives: whether a cell ends at a limit, and whether all points are earned
    "loops": [(True, False), (True, False)],
    "under load": [(True, False), (False, True)],
    "unlucky": [(True, False), (False, False)],
    "only plays": [(True, True)],
    "right": [(False, True)],
    "wrong": [(False, False)],
}


class Runs:
    """In place of the runs: what CLASS says, how many were made, and how many at a time."""

    def __init__(self):
        self.lock, self.now, self.made, self.beside = threading.Lock(), 0, {}, {}
        self.two = threading.Event()  # whether two have been made at the same time
        self.two.set()

    def __call__(self, notebook, source, seed, files, **options):
        student = files["name"].decode()
        with self.lock:
            self.now += 1
            number = self.made[student] = self.made.get(student, 0) + 1
            if self.now > 1:
                self.two.set()
        self.two.wait(300)
        time.sleep(0.05)
        with self.lock:
            self.beside.setdefault(student, []).append(self.now)
            self.now -= 1
        stopped, earned = CLASS[student][number - 1]
        points = {name: source.points(name) for name in source.check_cells}
        return Run(notes=[LIMIT] * stopped), [Verdict(name, most, most * earned) for name, most in points.items()]


@pytest.fixture
def runs(classroom, solved, hand_in, monkeypatch):
    for student in CLASS:
        (hand_in(classroom, student, solved()) / "name").write_text(student)
    made = Runs()
    monkeypatch.setattr("autograder.judging.elsewhere.run_and_judge", made)
    return made


@pytest.mark.needs("files")
def test_what_lost_points_at_a_limit_is_run_once_more_alone(runs):
    source = Source.of(Workspace.find(), "setup")
    runs.two.clear()
    rows = {row.student: row for row in grade_module(source, options=Options(jobs=4))}
    assert runs.made == {student: len(outcomes) for student, outcomes in CLASS.items()}
    assert {student: rows[student].score for student in CLASS} == {
        student: 9 * outcomes[-1][1] for student, outcomes in CLASS.items()
    }
    assert {student: bool(rows[student].notes) for student in CLASS} == {
        student: outcomes[-1][0] for student, outcomes in CLASS.items()
    }
    assert {beside[1] for beside in runs.beside.values() if len(beside) > 1} == {1}
    assert runs.two.is_set(), "nothing ran beside anything"


@pytest.mark.needs("files")
def test_the_note_stays_with_the_grade(runs, classroom, tito, monkeypatch):
    source = Source.of(Workspace.find(), "setup")
    grade_module(source)
    assert "longer than 3 s" in tito("grade", "setup")[1]
    (row,) = json.loads(tito("grade", "setup", "--student", "loops", "--json")[1])
    assert (row["unchanged"], row["notes"]) == (True, [LIMIT])
    assert tito("feedback", "setup", "--student", "loops", "--zip", "--anyway")[0] == 0
    assert ON_PAGE in (classroom / PAGE).read_text()
    (module,) = json.loads(tito("report", "--json")[1])["modules"]
    assert {row["student"]: row["what"] for row in module["stopped"]} == {"loops": LIMIT, "only plays": LIMIT}

    monkeypatch.setitem(CLASS, "loops", [(False, True)] * 9)  # a given score stays, and so does what is said of it
    (given,) = grade_module(source, Selection({"loops"}, force=True))
    assert (given.score, given.notes, bool(given.changes)) == (0, [LIMIT], True)
    (partly,) = grade_module(source, Selection({"loops"}, force=True, only={"check_both"}, accept=True))
    assert (partly.score, partly.notes) == (4, [LIMIT])
    (wholly,) = grade_module(source, Selection({"loops"}, force=True, accept=True))
    assert (wholly.score, wholly.notes) == (9, [])
