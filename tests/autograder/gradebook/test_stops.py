"""Grading, feedback and releases, stopped at every write and commit: one more run makes all as if nothing had been.

The seam is Python's and SQLAlchemy's own: audit events tell of every file that a process opens for writing, moves or
removes, and the engine's event of every commit, nbgrader's too. So no write can be added that these tests do not stop.
"""

import json
import os
import pickle
import random
import re
import shutil
import signal
import sqlite3
import sys
import tempfile
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from nbgrader.api import Gradebook
from sqlalchemy.exc import OperationalError

from autograder.commands import feedback as feedback_command
from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.tables import GIVEN, GRADED, SEEDS, make_tables
from autograder.grading import pipeline
from autograder.handing_back import feedback as pages
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from autograder.judging.step import run_and_judge
from tests.autograder.gradebook.test_corrections import LENIENT, correct
from tests.autograder.postgres import Cluster
from tito.cli import main
from tito.workspace import Workspace

SEED, SAMPLE = 20261128, 4
WRONG = "def double(x):\n    return x"
OLD, NEW = "I had no time.", "Two is positive."
MOVES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink", "os.truncate")
MAKES = ("open", "os.mkdir")  # what a full disk refuses


# --- the seam -------------------------------------------------------------------------------------------


@dataclass
class Seam:
    """All points at which this process changes a file or commits. `act` is called at each, with its name."""

    act: object

    def __enter__(self):
        sys.addaudithook(self.audit)
        sa.event.listen(sa.Engine, "before_cursor_execute", self.executes)
        sa.event.listen(sa.Engine, "commit", self.commits)
        return self

    def __exit__(self, *error):
        self.act = lambda name: None

    def executes(self, connection, cursor, statement, *_):
        if not statement.startswith(("SELECT", "PRAGMA", "SHOW")):
            connection.info["writes"] = True

    def commits(self, connection):
        if connection.info.pop("writes", False):
            self.act("commit")

    def audit(self, name, arguments):
        if name in MOVES or (name == "open" and _writes(*arguments)):
            if not isinstance(arguments[0], int) and not str(arguments[0]).endswith((".lock", "/dev/null")):
                self.act(name)


def _writes(path, mode, flags) -> bool:
    return bool(set(mode) & set("wax+")) if mode else bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


def interrupted(at):
    """Ctrl-C, once."""

    def act(name, count=[0]):  # noqa: B006
        count[0] += 1
        if count[0] == at:
            raise KeyboardInterrupt

    return act


def killed(at):
    def act(name, count=[0]):  # noqa: B006
        count[0] += 1
        if count[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return act


def full(at):
    """From here on, the disk takes nothing more."""

    def act(name, count=[0]):  # noqa: B006
        count[0] += 1
        if count[0] >= at and name == "commit":
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))
        if count[0] >= at and name in MAKES:
            raise OSError(28, "No space left on device")

    return act


def locked(at):
    """Somebody else keeps the database busy, for one commit."""

    def act(name, count=[0]):  # noqa: B006
        count[0] += 1
        if count[0] == at:
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("database is locked"))

    return act


FAULTS = {"interrupted": interrupted, "killed": killed, "full": full}


# --- a class that is changed, corrected and graded without running anything twice ---------------------------


class Runs:
    """What submissions report and what the judge says, by the texts of their cells: each runs once."""

    def __init__(self):
        self.known = {}

    def of(self, notebook, source, seed, files):
        key = json.dumps([cell.source for cell in notebook.cells])
        if key not in self.known:
            self.known[key] = run_and_judge(notebook, source, seed, files)
        return self.known[key]

    @contextmanager
    def judges(self, options, source):
        """Takes the place of the pipeline's own."""

        def submit(notebook, files, seed):
            done = Future()
            done.set_result(pickle.loads(pickle.dumps(self.of(notebook, source, seed, files))))
            return done

        yield self, submit

    ahead = 2

    def some_done(self, running):
        return set(list(running)[:1])


class Printer:
    """Makes pages in this process."""

    def __init__(self, workspace):
        self.root, self.pages = workspace.root, []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def begin(self, source, student):
        self.pages += pages._print(self.root, source.module, student)

    def finish(self):
        return self.pages


GRADE = ["grade", "setup", "--json"]
FEEDBACK = ["feedback", "setup", "--zip"]
RELEASE = ["release", "setup"]


def in_a_child(root, arguments, act=None) -> int | None:
    """Run a command in a fork of this process, with a seam if there is an `act`; the exit code, None if killed."""
    child = os.fork()
    if not child:
        code = 99
        try:
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
            os.chdir(root)
            with Seam(act) if act else tempfile.TemporaryDirectory():
                main(list(arguments))
        except SystemExit as end:
            code = end.code or 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) != 99, arguments
    return None if os.WIFSIGNALED(status) else os.waitstatus_to_exitcode(status)


def points_of(root, arguments, tmp_path) -> list[str]:
    """The names of all points of a command, which runs to its end."""
    log = os.open(tmp_path / f"{root.name}.points", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    assert in_a_child(root, arguments, lambda name: os.write(log, f"{name}\n".encode())) in (0, 1)
    os.close(log)
    return (tmp_path / f"{root.name}.points").read_text().split()


def by_hand(url):
    """A person has read all answers, and overrides a score."""
    with Gradebook(url) as gradebook:
        for number, student in enumerate(("ada", "bert", "carl")):
            grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", student)
            grade.manual_score, grade.needs_manual_grade = number / 2, False
            gradebook.find_comment("reflect_why", "setup_dev", "setup", student).manual_comment = f"well, {student}"
        override = gradebook.find_grade("check_normal", "setup_dev", "setup", "carl")
        override.manual_score, override.extra_credit = 1.5, 0.25
        gradebook.db.commit()


@pytest.fixture(scope="module")
def runs():
    return Runs()


@pytest.fixture(scope="module", autouse=True)
def nothing_runs_twice(runs):
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(pipeline, "judges", runs.judges)
        patches.setattr(feedback_command, "Printer", Printer)
        yield


@pytest.fixture(scope="module")
def given(shut_in, released, solved, hand_in, tmp_path_factory):
    """A class of three: graded, read by a person, given back. Then bert has written another answer, carl other code."""
    root = tmp_path_factory.mktemp("given") / "course"
    shutil.copytree(released, root)
    lay = _hand_in(root, solved, hand_in)
    lay("ada", "2026-10-01", {"reflect_why": OLD})
    lay("bert", "2026-10-01", {"reflect_why": OLD})
    lay("carl", "2026-10-01", {"reflect_why": OLD, "double": WRONG})
    here(root, GRADE)
    by_hand(f"sqlite:///{root}/gradebook.db")
    here(root, FEEDBACK)
    lay("bert", "2026-10-02", {"reflect_why": NEW})
    lay("carl", "2026-10-02", {"reflect_why": OLD})
    here(shutil.copytree(root, root.parent / "rehearsal"), GRADE)  # now all runs are known
    return root


def _hand_in(root, solved, hand_in):
    def lay(student, day, cells):
        (hand_in(root, student, solved(cells)) / "timestamp.txt").write_text(f"{day} 10:00:00 UTC")

    return lay


def here(root, command):
    """Run a command in this process."""
    with pytest.MonkeyPatch.context() as patches:
        patches.chdir(root)
        with pytest.raises(SystemExit) as end:
            main(command)
    assert not end.value.code


def prepare(root, command):
    """Go as far as the moment before `command`."""
    if command is FEEDBACK:
        assert in_a_child(root, GRADE) == 0
        _confirm(f"sqlite:///{root}/gradebook.db")
    if command is RELEASE:
        correct(root, _other_check)


def _confirm(url):
    """A person has read bert's new answer, and gives more points for it."""
    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", "bert")
        grade.manual_score, grade.needs_manual_grade = 2, False
        gradebook.db.commit()


def _other_check(notebook, cells):
    cells["check_double"].source = LENIENT
    cells["check_both"].metadata["nbgrader"]["points"] = 5
    added = cells["check_double"].copy()
    added.id, added.metadata = "check_twice", {"nbgrader": {**added.metadata["nbgrader"], "grade_id": "check_twice"}}
    notebook.cells.insert(notebook.cells.index(cells["normal"]), added)


# --- what has to be the same -------------------------------------------------------------------------------


def truth(root, url=None) -> dict:
    """All that a command has to leave behind, without ids and times of grading."""
    engine = sa.create_engine(url or f"sqlite:///{root}/gradebook.db")
    with Gradebook(str(engine.url.render_as_string(hide_password=False))) as gradebook, engine.connect() as connection:
        own = [
            {key: value for key, value in row.items() if key != "at"}
            for table in (GRADED, GIVEN)
            for row in connection.execute(sa.select(table)).mappings()
        ]
        notebook = gradebook.find_notebook("setup_dev", "setup")
        found = {
            "ours": sorted(map(repr, own)),
            "cells": sorted((one.name, one.source, one.checksum, one.locked) for one in notebook.source_cells),
            "points": sorted((one.name, one.max_score) for one in notebook.grade_cells),
            "scores": {one.student_id: _scores(one) for one in gradebook.assignment_submissions("setup")},
        }
    engine.dispose()
    for folder in ("autograded", "feedback", "release", "dist", "tinytorch_ref"):
        found[folder] = {
            path.relative_to(root).as_posix(): _content(path)
            for path in (root / folder).rglob("*")
            if path.is_file() and not re.fullmatch(r"\..*\.\d+\.part", path.name)  # of files.write, which was killed
        }
    return found


def differences(found: dict, expected: dict) -> list:
    """Names of what differs, down to single files and students."""
    names = []
    for part, value in found.items():
        if isinstance(value, dict):
            names += [(part, key) for key in {*value, *expected[part]} if value.get(key) != expected[part].get(key)]
        elif value != expected[part]:
            names.append(part)
    return names


def _scores(submission) -> tuple:
    (notebook,) = submission.notebooks
    grades = sorted(
        (one.name, one.auto_score, one.manual_score, one.extra_credit, one.needs_manual_grade)
        for one in notebook.grades
    )
    comments = sorted((one.name, one.auto_comment, one.manual_comment) for one in notebook.comments)
    return str(submission.timestamp), notebook.late_submission_penalty, grades, comments


def _content(path):
    if path.suffix == ".zip":
        return path.stat().st_size
    return re.sub(rb"20\d\d-\d\d-\d\d", b"", path.read_bytes())  # a page says on which day a score changed


def no_score_for_an_answer_that_nobody_read(root, url=None):
    """In the middle of things: what may be shown together, belongs together."""
    workspace = Workspace.find(root)
    with Gradebook(url or f"sqlite:///{root}/gradebook.db") as gradebook:
        if "bert" in pages.unrecorded(gradebook, Source.of(workspace, "setup")):
            return
        new = NEW in (root / "autograded/bert/setup/setup_dev.ipynb").read_text()
        waits = gradebook.find_grade("reflect_why", "setup_dev", "setup", "bert").needs_manual_grade
        assert new == waits


# --- SQLite ------------------------------------------------------------------------------------------------


def copies(base, tmp_path, command):
    """A function that makes a course which is ready for `command`."""
    ready = shutil.copytree(base, tmp_path / "ready")
    prepare(ready, command)
    return lambda name: shutil.copytree(ready, tmp_path / name)


def chosen(points, thorough) -> list[int]:
    """Which points to stop at: all, or each commit and some others."""
    every = range(1, len(points) + 1)
    if thorough:
        return list(every)
    files = [at for at in every if points[at - 1] != "commit"]
    return sorted(random.Random(SEED).sample(files, SAMPLE))


@pytest.mark.parametrize("command", [GRADE, FEEDBACK, RELEASE], ids=lambda command: command[0])
def test_stopped_anywhere(given, tmp_path, request, command):
    fresh, thorough = copies(given, tmp_path, command), request.config.getoption("thorough")
    points = points_of(undisturbed := fresh("undisturbed"), command, tmp_path)
    expected = truth(undisturbed)
    commits = [at for at, name in enumerate(points, 1) if name == "commit"]
    print(command[0], len(points), len(commits))
    assert commits
    for fault, make in {**FAULTS, "locked": locked}.items():
        for at in commits if fault == "locked" or (fault == "killed" and not thorough) else chosen(points, thorough):
            root = fresh(f"{fault}-{at}")
            in_a_child(root, command, make(at))
            if command is GRADE:
                no_score_for_an_answer_that_nobody_read(root)
            again = in_a_child(root, command)
            different = differences(truth(root), expected)
            assert (again, different) == (0, []), f"{fault} at {at}, {points[at - 1]}"
            shutil.rmtree(root)
