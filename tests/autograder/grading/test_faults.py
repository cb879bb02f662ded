"""What is killed, full, closed or cut off in the middle: after one more `tito grade` all is as if nothing had been.

TINYTORCH_KILLS says how many times something is killed (by default 6); benchmarks/faults.py does it often.
"""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.engine import process
from autograder.engine.execute import execute
from autograder.grading.pipeline import Selection, grade_module
from autograder.judging.jobs import job_of
from autograder.judging.source import Source
from tito.cli import main
from tito.workspace import Workspace

KILLS, SEED = int(os.environ.get("TINYTORCH_KILLS", "6")), 20261125
FULL = {"check_double": 2, "check_normal": 3, "check_both": 4}
ONLY_NORMAL = {"check_double": 0, "check_normal": 3, "check_both": 0}
WRONG = {"double": "def double(x):\n    return x"}
SLOW = "import time\ntime.sleep(0.05)"
TITO = [sys.executable, "-m", "tito.cli"]


@pytest.fixture(scope="module")
def graded_class(shut_in, released, solved, hand_in, tmp_path_factory):
    """A classroom of eight, four of whom are right, and each of whose answers a person has graded."""
    root = tmp_path_factory.mktemp("graded") / "course"
    shutil.copytree(released, root)
    for number in range(8):
        hand_in(root, f"s{number}", solved(WRONG if number % 2 else {}, [SLOW]))
    grade(root)
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for number in range(8):
            grade_ = gradebook.find_grade("reflect_why", "setup_dev", "setup", f"s{number}")
            grade_.manual_score, grade_.needs_manual_grade = number / 4, False
            comment = gradebook.find_comment("reflect_why", "setup_dev", "setup", f"s{number}")
            comment.manual_comment = f"well, {number}"
        gradebook.db.commit()
    return root


@pytest.fixture
def a_class(graded_class, own_copy):
    """A class of the test's own, which is the current folder, too."""
    return own_copy(graded_class)


def grade(root, *arguments, code=0):
    said = io.StringIO()
    with contextlib.chdir(root), contextlib.redirect_stdout(said), pytest.raises(SystemExit) as end:
        main(["grade", "setup", "--json", *arguments])
    assert (end.value.code or 0) == code, said.getvalue()
    return {row["student"]: row for row in json.loads(said.getvalue())}


def begun(root) -> int:
    """The number of a process that grades all anew: a fork of this one, so that nothing has to be imported again."""
    child = os.fork()
    if not child:
        code = 99
        try:
            signal.alarm(600)  # whose default is to end the process
            process._make_zygote.cache_clear()  # that one is the tests'
            sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
            os.chdir(root)
            main(["grade", "setup", "--force"])
        except SystemExit as end:
            code = end.code or 0
        finally:
            os._exit(code)
    return child


def all_is_well(root):
    """Every score once and right, what people gave as it was, nothing left behind."""
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        submissions = gradebook.assignment_submissions("setup")
        assert sorted(one.student.id for one in submissions) == [f"s{number}" for number in range(8)]
        for one in submissions:
            number, (notebook,) = int(one.student.id[1:]), one.notebooks
            scores = {grade.name: grade.auto_score for grade in notebook.grades if grade.name in FULL}
            assert scores == (ONLY_NORMAL if number % 2 else FULL)
            (by_hand,) = [grade for grade in notebook.grades if grade.name == "reflect_why"]
            (comment,) = [comment for comment in notebook.comments if comment.name == "reflect_why"]
            assert (by_hand.manual_score, comment.manual_comment) == (number / 4, f"well, {number}")
    assert sorted(path.name for path in (root / "autograded").glob("s*/*")) == ["setup"] * 8
    assert not list((root / "autograded").glob("s*/.setup*"))
    for path in (root / "autograded").glob("s*/setup/setup_dev.ipynb"):
        json.loads(path.read_text())


def test_killed_again_and_again(a_class):
    """The grader itself, at random moments of its work."""
    dice, moments = random.Random(SEED), []
    for _ in range(KILLS):
        grading = begun(a_class)
        moments.append(dice.uniform(0, 3))
        time.sleep(moments[-1])
        os.kill(grading, signal.SIGKILL)
        os.waitpid(grading, 0)
    rows = grade(a_class)
    assert {row["trouble"] for row in rows.values()} == {None}
    all_is_well(a_class)
    end = time.monotonic() + 300
    while left_of(a_class) and time.monotonic() < end:
        time.sleep(0.1)
    assert left_of(a_class) == []


def left_of(root) -> list[str]:
    """Processes that have to do with a course, by what they were called with."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            where, what = os.readlink(path / "cwd"), (path / "cmdline").read_bytes()
        except OSError:
            continue
        if where.startswith(str(root)) and int(path.name) != os.getpid():
            found.append(what)
    return found


def test_a_dead_zygote_costs_nobody_anything(a_class, monkeypatch):
    """The process that submissions are forked from, killed while some of them run."""
    monkeypatch.chdir(a_class)
    source = Source.of(Workspace.find(a_class), "setup")
    dice, seen = random.Random(SEED), set()

    def kill_one_in_a_moment(*_):
        zygote = process._zygote().process.pid
        seen.add(zygote)
        if dice.random() < 0.3:
            with contextlib.suppress(ProcessLookupError):  # another thread was first
                os.kill(zygote, signal.SIGKILL)

    monkeypatch.setattr("autograder.grading.pipeline.mend", _and(kill_one_in_a_moment, "mend"))
    rows = grade_module(source, Selection(force=True))
    assert {row.trouble for row in rows} == {None}
    assert len(seen) > 1
    all_is_well(a_class)


def _and(before, name):
    from autograder.judging import cells

    real = getattr(cells, name)

    def both(*arguments):
        before()
        return real(*arguments)

    return both


@pytest.mark.needs("files")
def test_a_zygote_that_dies_under_a_submission(source, solved):
    job = job_of(solved(extra=[SLOW]), source, 7, {})
    execute(job)
    zygote = process._zygote().process
    os.kill(zygote.pid, signal.SIGSTOP)  # it answers no more ...
    os.kill(zygote.pid, signal.SIGKILL)  # ... and then it is gone
    assert set(execute(job).emissions) == set(FULL)


def test_a_cut_off_result_is_made_anew(a_class):
    path = a_class / "autograded" / "s3" / "setup" / "setup_dev.ipynb"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:100])
    rows = grade(a_class)
    assert [name for name, row in rows.items() if not row["unchanged"]] == ["s3"]
    all_is_well(a_class)


def test_half_an_exchange_is_undone(a_class):
    folder = a_class / "autograded" / "s2" / "setup"
    folder.rename(folder.with_name(".setup.old"))
    (a_class / "submitted" / "s2" / "setup" / "setup_dev.ipynb").write_text("{")
    rows = grade(a_class, code=1)
    assert "is not a readable notebook" in rows["s2"]["trouble"]
    (a_class / "submitted" / "s2" / "setup" / "setup_dev.ipynb").write_bytes(
        (a_class / "submitted" / "s0" / "setup" / "setup_dev.ipynb").read_bytes()
    )
    grade(a_class)
    all_is_well(a_class)


DISKS = {
    "s4": ("size=16k", "No space left"),
    "s5": ("size=1m,ro", "Read-only"),
}  # whose folder → the disk, what is said


OWN_MOUNTS = """import os, sys
from autograder.engine import namespaces
namespaces.own_mounts()
os.execvp(sys.argv[1], sys.argv[1:])"""
IN_A_NAMESPACE = ["unshare", "-rm"] if os.getuid() else [sys.executable, "-c", OWN_MOUNTS]


@pytest.mark.needs("disk")
def test_disks_that_take_nothing(a_class):
    """Mounted over students' folders, by a grader who is root in a namespace of its own."""
    mounts = [f"mount -t tmpfs -o {options} none {a_class}/autograded/{who} &&" for who, (options, _) in DISKS.items()]
    command = f"{' '.join(mounts)} exec {' '.join(TITO)} grade setup --force --json"
    done = subprocess.run([*IN_A_NAMESPACE, "sh", "-c", command], cwd=a_class, capture_output=True, text=True)
    assert done.returncode == 1, done.stderr
    troubles = {row["student"]: row["trouble"] for row in json.loads(done.stdout) if row["trouble"]}
    assert [who for who, (_, said) in DISKS.items() if said in troubles[who]] == list(DISKS) == list(troubles)
    all_is_well(a_class)


def test_two_at_once(a_class):
    """The second waits for the first, and finds nothing left to do."""
    both = [begun(a_class) for _ in range(2)]
    with Gradebook(f"sqlite:///{a_class}/gradebook.db") as formgrader:  # which reads and writes meanwhile
        for number in range(20):
            comment = formgrader.find_comment("reflect_why", "setup_dev", "setup", f"s{number % 8}")
            comment.manual_comment = f"well, {number % 8}"
            formgrader.db.commit()
            time.sleep(0.05)
    assert [os.waitpid(one, 0)[1] for one in both] == [0, 0]
    all_is_well(a_class)
