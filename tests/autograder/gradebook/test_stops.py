"""Grading, feedback and releases, stopped at every write and commit: one more run makes all as if nothing had been.

The seam is Python's and SQLAlchemy's own: audit events tell of every file that a process opens for writing, moves or
removes, and the engine's event of every commit, nbgrader's too. So no write can be added that these tests do not stop.
"""

import copy
import gc
import json
import os
import pickle
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from nbgrader.api import Gradebook, get_alembic_version
from sqlalchemy.exc import OperationalError

from autograder.gradebook import record
from autograder.gradebook.tables import GIVEN, GRADED, SEEDS, make_tables
from autograder.grading import pipeline
from autograder.judging import expected, gradable
from autograder.judging.expected import run_own
from autograder.judging.jobs import key_of
from autograder.judging.source import Source
from autograder.judging.step import run_and_judge
from tests.autograder.gradebook.test_corrections import LENIENT, correct
from tests.autograder.postgres import Cluster
from tito.cli import main
from tito.workspace import UserError, Workspace

SEED, SAMPLE = 20261128, 2
WRONG = "def double(x):\n    return x"
OLD, NEW = "I had no time.", "Two is positive."
MOVES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "os.link", "os.symlink", "os.truncate")
MAKES = ("open", "os.mkdir")  # what a full disk refuses
LEFT = re.compile(r"\..*\.[\d-]+\.part|.*-tmp\.html|\.made-from")  # by a killed files.write or exchange; no truth


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
        writes = name in MOVES or (name == "open" and _writes(*arguments))
        if writes and not isinstance(arguments[0], int) and not str(arguments[0]).endswith((".lock", "/dev/null")):
            self.act(name)


def _writes(path, mode, flags) -> bool:
    return bool(set(mode) & set("wax+")) if mode else bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))


class At:
    """Does something at one point, by its number. The base of all faults."""

    def __init__(self, at):
        self.at, self.count = at, 0

    def __call__(self, name):
        self.count += 1
        if self.count == self.at:
            self.happen()

    def happen(self):
        raise KeyboardInterrupt


class Killed(At):
    def happen(self):
        os.kill(os.getpid(), signal.SIGKILL)


class Locked(At):
    """Somebody else keeps the database busy, for one commit."""

    def happen(self):
        raise OperationalError("COMMIT", None, sqlite3.OperationalError("database is locked"))


class Full(At):
    """From this point on, the disk takes nothing more."""

    def __call__(self, name):
        self.count += 1
        if self.count >= self.at and name == "commit":
            raise OperationalError("COMMIT", None, sqlite3.OperationalError("database or disk is full"))
        if self.count >= self.at and name in MAKES:
            raise OSError(28, "No space left on device")


CODES = {  # what the stopped command may end with; a full disk stops nobody who only removes
    "interrupted": (130,),
    "killed": (None,),
    "full": (0, 1, 3),
    "locked": (1, 3),
}
FAULTS = {"interrupted": At, "killed": Killed, "full": Full}


# --- a class that is changed, corrected and graded without running anything twice ---------------------------


class Runs:
    """What submissions report and what the judge says, by the texts of their cells, and what the course's own notebook
    reports: each runs once."""

    def __init__(self):
        self.known = {}

    def of(self, notebook, source, seed, files):
        key = json.dumps([cell.source for cell in notebook.cells])
        if key not in self.known:
            self.known[key] = run_and_judge(notebook, source, seed, files)
        return self.known[key]

    def own(self, job):
        """Takes the place of the `run_own` of all who check a module."""
        if key_of(job) not in self.known:
            self.known[key_of(job)] = run_own(job)
        return copy.deepcopy(self.known[key_of(job)])

    @contextmanager
    def judges(self, options, source):
        """Takes the place of the pipeline's own."""

        def submit(notebook, files, seed, last):
            done = Future()
            done.set_result(pickle.loads(pickle.dumps(self.of(notebook, source, seed, files))))
            return done

        yield self, submit

    ahead = 2

    def some_done(self, running):
        return set(list(running)[:1])


GRADE = ["grade", "setup", "--json"]
FEEDBACK = ["feedback", "setup", "--zip", "--exchange"]
RELEASE = ["release", "setup"]


def in_a_child(root, arguments, act=None) -> int | None:
    """Run a command in a fork of this process, with a seam if there is an `act`; the exit code, None if killed."""
    child = os.fork()
    if not child:
        code = 99
        try:
            gc.disable()  # a collection would touch, and so copy, all that the tests' process holds
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
        for module in (expected, gradable):
            patches.setattr(module, "run_own", runs.own)
        yield


@pytest.fixture(scope="module")
def hand_in_again(solved, hand_in):
    """A function that lays a student's work of a day into submitted/."""

    def lay(root, student, day, cells):
        folder = hand_in(root, student, solved(cells))
        (folder / "timestamp.txt").write_text(f"{day} 10:00:00 UTC")
        (folder / "submission_secret.txt").write_text(f"what only the exchange and {student} know")

    return lay


def lead_up(root, lay):
    """A class of three: graded, read by a person, given back. Then bert has written another answer, carl other code."""
    for student, cells in {"ada": {}, "bert": {}, "carl": {"double": WRONG}}.items():
        lay(root, student, "2026-10-01", {"reflect_why": OLD} | cells)
    here(root, GRADE)
    by_hand(gradebook_of(root))
    here(root, FEEDBACK)
    lay(root, "bert", "2026-10-02", {"reflect_why": NEW})
    lay(root, "carl", "2026-10-02", {"reflect_why": OLD})


@pytest.fixture(scope="module")
def given(shut_in, released, hand_in_again, tmp_path_factory):
    root = with_exchange(shutil.copytree(released, tmp_path_factory.mktemp("given") / "course"))
    lead_up(root, hand_in_again)
    assert len(list(root.glob("exchange/*/feedback/*.html"))) == 3
    here(shutil.copytree(root, root.parent / "rehearsal"), GRADE)  # now all runs are known
    return root


def with_exchange(root):
    """Let nbgrader's exchange lie in the course, so that who copies the course copies what was sent."""
    (root / "exchange").mkdir()
    (root / "exchange").chmod(0o777)
    with (root / "nbgrader_config.py").open("a") as config:
        config.write('c.Exchange.root = str(root / "exchange")\n')
    return root


def gradebook_of(root) -> str:
    return os.environ.get("TINYTORCH_GRADEBOOK", f"sqlite:///{root}/gradebook.db")


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
        _confirm(gradebook_of(root))
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


def truth(root) -> dict:
    """All that a command has to leave behind, without ids and times of grading."""
    engine = sa.create_engine(gradebook_of(root))
    with Gradebook(gradebook_of(root)) as gradebook, engine.connect() as connection:
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
    for folder in ("autograded", "feedback", "release", "dist", "exchange", "tinytorch_ref"):
        found[folder] = {
            path.relative_to(root).as_posix(): _content(path)
            for path in (root / folder).rglob("*")
            if path.is_file() and not LEFT.fullmatch(path.name)
        }
    return found


def differences(found: dict, whole: dict) -> list:
    """Names of what differs, down to single files and students."""
    names = []
    for part, value in found.items():
        if isinstance(value, dict):
            names += [(part, key) for key in {*value, *whole[part]} if value.get(key) != whole[part].get(key)]
        elif value != whole[part]:
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


def no_score_for_an_answer_that_nobody_read(root):
    """In the middle of things: what may be shown together, belongs together."""
    workspace = Workspace.find(root)
    with Gradebook(gradebook_of(root)) as gradebook:
        if record.unrecorded(gradebook, Source.of(workspace, "setup"), "bert"):
            return
        new = NEW in (root / "autograded/bert/setup/setup_dev.ipynb").read_text()
        waits = gradebook.find_grade("reflect_why", "setup_dev", "setup", "bert").needs_manual_grade
        assert new == waits


# --- SQLite ------------------------------------------------------------------------------------------------


def ready_for(command, base, tmp_path):
    ready = shutil.copytree(base, tmp_path / "ready")
    prepare(ready, command)
    return ready


def at_points(points, thorough) -> Iterator[tuple[str, int]]:
    """Faults, and the points at which they happen: all, or each commit and a sample of the writes."""
    commits = [at for at, name in enumerate(points, 1) if name == "commit"]
    writes = [at for at, name in enumerate(points, 1) if name != "commit"]
    for number, fault in enumerate(FAULTS):
        some = writes if thorough else random.Random(SEED + number).sample(writes, SAMPLE)
        yield from ((fault, at) for at in sorted({*some, *commits} if thorough or fault == "killed" else some))
    yield from (("locked", at) for at in commits)


@pytest.mark.parametrize("command", [GRADE, FEEDBACK, RELEASE], ids=lambda command: command[0])
def test_stopped_anywhere(given, tmp_path, request, command):
    ready = ready_for(command, given, tmp_path)
    if command is RELEASE:
        here(shutil.copytree(ready, tmp_path / "rehearsal"), command)  # as in `given`, else each child starts a zygote
    undisturbed = shutil.copytree(ready, tmp_path / "undisturbed")
    points = points_of(undisturbed, command, tmp_path)
    whole = truth(undisturbed)
    wrong = []
    for fault, at in at_points(points, request.config.getoption("thorough")):
        root = shutil.copytree(ready, tmp_path / "stopped")
        code = in_a_child(root, command, {**FAULTS, "locked": Locked}[fault](at))
        if command is GRADE:
            no_score_for_an_answer_that_nobody_read(root)
        again = in_a_child(root, command)
        different = differences(truth(root), whole)
        if code not in CODES[fault] or again or different:
            wrong.append((fault, at, points[at - 1], code, again, different))
        shutil.rmtree(root)
    assert not wrong, "\n".join(map(str, wrong))


# --- PostgreSQL --------------------------------------------------------------------------------------------


class Restarted(At):
    """At a commit, by its number, the server goes away and comes back."""

    def __init__(self, at, cluster):
        super().__init__(at)
        self.cluster = cluster

    def __call__(self, name):
        if name == "commit":
            super().__call__(name)

    def happen(self):
        self.cluster.stop()
        self.cluster.start()


@pytest.fixture(scope="module")
def cluster(given, released, hand_in_again, tmp_path_factory):
    """PostgreSQL, in whose gradebook the same has happened; and the course's folder."""
    root = with_exchange(shutil.copytree(released, tmp_path_factory.mktemp("other") / "course"))
    shutil.copytree(given / ".cache", root / ".cache", dirs_exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patches:
        cluster = Cluster(folder)
        patches.setenv("TINYTORCH_GRADEBOOK", cluster.url)
        same_seed(f"sqlite:///{given}/gradebook.db", cluster.url)
        here(root, RELEASE)
        lead_up(root, hand_in_again)
        yield cluster, root
        cluster.stop()


def same_seed(of, to):
    """Give a new gradebook the seed of another one, whose expected values are known."""
    make_tables(to)
    one, other = sa.create_engine(of), sa.create_engine(to)
    with one.connect() as source, other.begin() as target:
        target.execute(SEEDS.insert(), [dict(row) for row in source.execute(SEEDS.select()).mappings()])
    one.dispose()
    other.dispose()


def test_the_server_restarts_at_a_commit(cluster, tmp_path, monkeypatch, request):
    """While it grades. With --thorough, at the other commands' commits, too: they write in the same way."""
    for command in (GRADE, FEEDBACK, RELEASE) if request.config.getoption("thorough") else (GRADE,):
        restart_at_each_commit(cluster, tmp_path / command[0], monkeypatch, command)


def restart_at_each_commit(cluster, tmp_path, monkeypatch, command):
    server, base = cluster
    tmp_path.mkdir()
    monkeypatch.setenv("TINYTORCH_GRADEBOOK", server.create(f"{command[0]}_ready", "gradebook"))
    ready = ready_for(command, base, tmp_path)

    def fresh(name):
        monkeypatch.setenv("TINYTORCH_GRADEBOOK", server.create(f"{command[0]}_{name}", f"{command[0]}_ready"))
        return shutil.copytree(ready, tmp_path / name)

    commits = points_of(undisturbed := fresh("undisturbed"), command, tmp_path).count("commit")
    whole = truth(undisturbed)
    assert commits
    for at in range(1, commits + 1):
        root = fresh(f"stopped_{at}")
        assert in_a_child(root, command, Restarted(at, server)) in CODES["locked"]
        again = in_a_child(root, command)
        assert (again, differences(truth(root), whole)) == (0, []), f"at commit {at}"


# --- the first start ---------------------------------------------------------------------------------------


def test_a_first_start_that_is_killed_is_finished_by_the_next(tmp_path, request):
    """Before each statement that makes something. nbgrader takes any table for a sign that all is there."""
    whole = f"sqlite:///{tmp_path}/whole.db"
    made, number = statements_of(lambda: make_tables(whole, "course"), lambda _: None), 0
    numbers = range(len(made)) if request.config.getoption("thorough") else range(0, len(made), 7)
    stamps = [at for at, text in enumerate(made) if "alembic_version" in text]
    for number in sorted({*numbers, *stamps}):
        url = f"sqlite:///{tmp_path}/{number}.db"
        child = os.fork()
        if not child:
            statements_of(lambda: make_tables(url, "course"), Killed(number + 1))  # noqa: B023
            os._exit(1)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        make_tables(url, "course")
        assert schema(url) == schema(whole), made[number]


def statements_of(function, act) -> list[str]:
    """The texts of the statements of `function` that make something; `act` is called before each."""
    texts = []

    def before(connection, cursor, statement, *_):
        if statement.lstrip().startswith(("CREATE", "INSERT", "ALTER")):
            texts.append(statement)
            act(statement)

    sa.event.listen(sa.Engine, "before_cursor_execute", before)
    try:
        function()
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", before)
    return texts


def schema(url):
    engine = sa.create_engine(url)
    inspector = sa.inspect(engine)
    found = {
        name: (
            [column["name"] for column in inspector.get_columns(name)],
            sorted(index["name"] for index in inspector.get_indexes(name)),
        )
        for name in inspector.get_table_names()
    }
    with engine.connect() as connection:
        stamps = list(connection.execute(sa.text("select version_num from alembic_version")).scalars())
        courses = sorted(connection.execute(sa.text("select id from course")).scalars())
    engine.dispose()
    return found, stamps, courses


def test_a_gradebook_of_an_older_nbgrader_is_not_taken_for_a_new_one(tmp_path):
    url = f"sqlite:///{tmp_path}/old.db"
    make_tables(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("drop table alembic_version"))
        connection.execute(sa.text("alter table grade drop column extra_credit"))
    engine.dispose()
    with pytest.raises(UserError, match=r"lacks grade\.extra_credit .* nbgrader db upgrade"):
        make_tables(url)


def test_the_version_is_the_one_that_alembic_tells(tmp_path):
    url = f"sqlite:///{tmp_path}/gradebook.db"
    make_tables(url)
    with sa.create_engine(url).connect() as connection:
        told = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    assert told == get_alembic_version()


def test_a_gradebook_is_made_without_a_program(tmp_path, monkeypatch):
    """Where `alembic` is not on the PATH, and with no child that a Ctrl-C makes talk."""
    monkeypatch.setattr(subprocess, "Popen", None)
    make_tables(f"sqlite:///{tmp_path}/gradebook.db", "course")


def test_an_earlier_gradebook_of_this_course_gets_the_new_columns(tmp_path):
    """Nothing says what its scores are about: everybody is graded once more, and a person confirms the answers."""
    url = f"sqlite:///{tmp_path}/old.db"
    make_tables(url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(GRADED.insert().values(module="m", student="s", key="k", notebook="n", at=sa.func.now()))
        for column in ("work", "answers"):
            connection.execute(sa.text(f"alter table tinytorch_graded drop column {column}"))
    make_tables(url)
    with engine.connect() as connection:
        (row,) = connection.execute(sa.select(GRADED)).mappings()
    engine.dispose()
    assert (row["key"], row["work"], row["answers"]) == ("k", None, None)
