"""While another program writes to the gradebook, commands wait, say so, and end when somebody does not want to wait."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
import sqlalchemy as sa
from nbgrader.api import Gradebook

from autograder.gradebook import patience
from tests.autograder.conftest import nbgrader

SAID = "another program writes to gradebook.db; waiting for it, 60 seconds at the most."
ROSTER = "id,first_name\nada,Ada\nbob,Bob\n"


@contextlib.contextmanager
def held(root):
    """Another program that writes to the gradebook; a function that ends this."""
    connection = sqlite3.connect(root / "gradebook.db", isolation_level=None, check_same_thread=False)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield lambda: connection.execute("ROLLBACK")
    finally:
        connection.close()


@contextlib.contextmanager
def held_a_while(root):
    """The same, until some seconds after a command has said that it waits."""
    said = patience.complain
    with held(root) as let_go, pytest.MonkeyPatch.context() as patches:
        patches.setattr(patience, "complain", lambda text: (said(text), threading.Timer(2.5, let_go).start()))
        yield


@pytest.fixture
def place(classroom):
    (classroom / "roster.csv").write_text(ROSTER)
    return classroom


def students(root):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        return [one.id for one in gradebook.students]


def test_a_command_waits_and_says_so_once(place, tito):
    with held_a_while(place):
        code, out, err = tito("roster", "import", "roster.csv")
    assert (code, "2 students of roster.csv are" in out, err.count(SAID)) == (0, True, 1)
    assert students(place) == ["ada", "bob"]


def test_who_waits_for_nobody_hears_nothing(place, tito):
    assert tito("roster", "import", "roster.csv")[2] == ""


@pytest.mark.needs("files")
def test_grading_waits_and_loses_nothing(place, tito, hand_in, solved):
    for student in ("ada", "bob"):
        hand_in(place, student, solved())
    with held_a_while(place):
        code, _, err = tito("grade", "setup")
    assert (code, SAID in err) == (0, True)
    assert sorted(students(place)) == ["ada", "bob"]


@pytest.mark.needs("files")
def test_nbgraders_own_commands_wait_too(place, hand_in, solved, capfd):
    hand_in(place, "ada", solved())
    with held_a_while(place):
        code, said = nbgrader("autograde", "setup")
    assert (code, SAID in " ".join(capfd.readouterr().err.split())) == (0, True), said


def test_longer_than_is_sensible(place, tito, monkeypatch):
    """Nothing was imported, and the message says what was so."""
    monkeypatch.setattr(patience, "LONGEST", 2)
    with held(place):
        code, _, err = tito("roster", "import", "roster.csv")
    assert code == 3
    assert "The gradebook at gradebook.db does not answer: another program has held it for more than" in err
    assert students(place) == []


def test_ctrl_c_ends_the_wait(place):
    command = [sys.executable, "-m", "tito.cli", "roster", "import", "roster.csv"]
    with held(place):
        waiting = subprocess.Popen(
            command, cwd=place, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "200"}
        )
        assert waiting.stderr
        assert SAID in waiting.stderr.readline()
        began = time.monotonic()
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(10) == 130
        assert time.monotonic() - began < 5
    assert students(place) == []


@pytest.mark.parametrize("write", ["UPDATE student SET first_name = 'x'", "INSERT INTO student (id) VALUES ('eve')"])
def test_a_lock_that_no_waiting_ends_is_told_at_once(place, tito, write):
    """Who has read in a transaction, before somebody else wrote, can never write in it."""
    tito("roster", "import", "roster.csv")
    engine = sa.create_engine(f"sqlite:///{place}/gradebook.db")
    with engine.connect() as connection, contextlib.closing(sqlite3.connect(place / "gradebook.db")) as other:
        connection.exec_driver_sql("BEGIN")
        connection.exec_driver_sql("SELECT * FROM student").all()
        other.execute("UPDATE student SET last_name = 'y'")
        other.commit()
        began = time.monotonic()
        with pytest.raises(sa.exc.OperationalError):
            connection.exec_driver_sql(write)
        assert time.monotonic() - began < 5
    engine.dispose()
