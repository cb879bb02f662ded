"""How the instructor's commands end: with the exit codes of tito/exit_codes.py, and one line for people."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.gradebook import record
from tito.cli import main

TITO = [sys.executable, "-m", "tito.cli"]
WAITING = "import time\ntime.sleep(1.5)"


@pytest.mark.parametrize(
    "arguments", [["grade", "setup"], ["release"], ["roster", "show"], ["grades", "export"]], ids=" ".join
)
def test_a_database_that_does_not_answer(classroom, hand_in, solved, tito, monkeypatch, arguments):
    hand_in(classroom, "ada", solved())
    monkeypatch.setenv("TINYTORCH_GRADEBOOK", "postgresql+psycopg://ada:secret@127.0.0.1:9/grades")
    code, out, line = tito(*arguments)
    assert (code, "Traceback" in out + line) == (3, False)
    assert "does not answer" in line
    assert "secret" not in out + line
    log = Path(line.rpartition(": ")[2]).read_text(encoding="utf-8")
    assert "Traceback" in log
    assert "secret" not in log


WITHOUT_NBGRADER = "import sys; sys.modules['nbgrader'] = None; from tito.cli import main; main(sys.argv[1:])"


@pytest.mark.parametrize("arguments", [["release", "setup"], ["roster", "show"]], ids=" ".join)
def test_another_python_than_the_courses(classroom, arguments):
    """As after `uvx … tito new`, which brings what students need alone."""
    typed = [sys.executable, "-c", WITHOUT_NBGRADER, *arguments]
    done = subprocess.run(typed, capture_output=True, encoding="utf-8", timeout=300)
    assert (done.returncode, done.stdout) == (2, "")
    assert "lacks nbgrader, so it is not this course's Python. make setup && source .venv/bin/activate" in done.stderr


@pytest.mark.needs("files")
def test_a_database_that_is_gone_while_grading(classroom, hand_in, solved, tito, monkeypatch):
    """What was recorded before stays, and nobody is blamed."""
    for student in ("ada", "bob", "cyd"):
        hand_in(classroom, student, solved())
    real, saved = record.Book.save, []

    def save(self, student, *rest):
        if saved:
            self.session.get_bind().dispose()
            self.session.connection().invalidate()
            (classroom / "gradebook.db").rename(classroom / "away")
            (classroom / "gradebook.db").mkdir()
        saved.append(student)
        return real(self, student, *rest)

    monkeypatch.setattr(record.Book, "save", save)
    code, _, message = tito("grade", "setup", "--jobs", "1")
    assert (code, "does not answer" in message) == (3, True)
    (classroom / "gradebook.db").rmdir()
    (classroom / "away").rename(classroom / "gradebook.db")
    with Gradebook(f"sqlite:///{classroom}/gradebook.db") as gradebook:
        assert [one.student_id for one in gradebook.assignment_submissions("setup")] == saved[:1]


@pytest.mark.needs("files")
@pytest.mark.parametrize("command", ["grade", "feedback"])
def test_ctrl_c(classroom, hand_in, solved, tito, command):
    for number in range(4):
        hand_in(classroom, f"s{number}", solved(extra=[WAITING] if command == "grade" else []))
    if command == "feedback":
        assert tito("grade", "setup")[0] == 0
    one_by_one = ["--jobs", "1"] if command == "grade" else []  # so that there is more to do after the first
    working = subprocess.Popen(
        [*TITO, command, "setup", *one_by_one],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    _wait_until_it_works(classroom, command, working)
    os.killpg(working.pid, signal.SIGINT)
    out, err = working.communicate(timeout=300)
    assert working.returncode == 130, out + err
    assert "interrupted" in err
    assert "Traceback" not in err + out
    assert "Error" not in err + out
    assert tito(command, "setup")[0] == 0, "nothing is lost: it can be done again"


def _wait_until_it_works(root, command, working):
    """Until the first result of many is there."""
    results = {"grade": "autograded/*/setup/setup_dev.ipynb", "feedback": "feedback/*/setup/setup_dev.html"}[command]
    end = time.monotonic() + 300
    while time.monotonic() < end:
        if list(root.glob(results)):
            return
        assert working.poll() is None, working.communicate()
        time.sleep(0.01)
    raise AssertionError("nothing was done in five minutes")


@pytest.mark.needs("files")
def test_a_reader_who_leaves_stops_no_grading(classroom, hand_in, solved):
    for student in ("ada", "bob"):
        hand_in(classroom, student, solved())
    pipe = f"{' '.join(TITO)} grade setup | head -c 1 >/dev/null; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", pipe], capture_output=True, encoding="utf-8", timeout=300)
    assert (done.stdout, done.stderr) == ("0\n", "")
    with Gradebook(f"sqlite:///{classroom}/gradebook.db") as gradebook:
        assert len(gradebook.assignment_submissions("setup")) == 2


def test_json_is_all_that_stands_on_standard_output(classroom, hand_in, solved, capfd):
    hand_in(classroom, "ada", solved())
    with pytest.raises(SystemExit):
        main(["grade", "setup", "--json", "--no-isolation"])
    assert json.loads(capfd.readouterr().out)[0]["score"] == 9
