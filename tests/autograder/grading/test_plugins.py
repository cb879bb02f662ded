"""The stock nbgrader commands, by hand and without tito: a class with every kind of broken submission."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Selection, grade_module
from autograder.judging.source import Source
from tests.autograder.conftest import meta, nbgrader
from tito.notebooks import grade_id
from tito.workspace import UserError, Workspace

pytestmark = pytest.mark.filterwarnings("ignore:Non-unique cell id")
BIN = Path(sys.executable).parent
FULL = {"check_double": 2, "check_normal": 3, "check_both": 4}
ONLY_NORMAL = {"check_double": 0, "check_normal": 3, "check_both": 0}
NOTHING = dict.fromkeys(FULL, 0)
WRONG = {"double": "def double(x):\n    return x", "normal": "def normal(n):\n    return n * [0.0]"}
ENDLESS = "import time\nwhile True: time.sleep(1)"
STRIP = """import ast
class Strip(ast.NodeTransformer):
    def visit_Assert(self, node): return ast.Pass()
    def visit_Expr(self, node): return ast.Pass()
get_ipython().ast_transformers.append(Strip())"""


def without_checks(notebook):
    notebook.cells = [cell for cell in notebook.cells if not str(grade_id(cell)).startswith("check_")]
    return notebook


def flipped(notebook):
    for cell in notebook.cells:
        cell.metadata["nbgrader"] = {"grade": False, "solution": True, "points": "nan", "schema_version": 99}
        cell.metadata["magics_language"] = 5
    return notebook


def malformed(notebook):
    """Outputs and ids that the notebook format does not allow: nbconvert stops at the first."""
    for cell in notebook.cells:
        cell["id"] = "same"
        if cell.cell_type == "code":
            cell["outputs"] = [{"output_type": "stream", "name": 5}]
    return notebook


def a_class(solved):
    """student → (name of the file, its text, points due; None if there is nothing to grade)."""

    def text(notebook):
        return json.dumps(notebook)

    name = "setup_dev.ipynb"
    dies = {"double": "def double(x):\n    import os; os._exit(0)"}
    return {
        "ada": (name, text(solved()), FULL),
        "bob": (name, text(solved({"double": WRONG["double"]})), ONLY_NORMAL),
        "cem": (name, text(without_checks(solved())), FULL),
        "dan": (name, text(solved(extra=["import sys\nprint('noise', file=sys.stderr)"])), FULL),
        "eva": (name, text(solved(dies)), ONLY_NORMAL),
        "fay": (name, text(solved(extra=[ENDLESS])), FULL),
        "gus": (name, text(solved(WRONG, [STRIP])), NOTHING),
        "hal": (name, "{", None),
        "ida": ("notes.txt", "I was ill.", None),
        "jon": (name, "", None),
        "kim": ("my setup (1).ipynb", text(solved()), FULL),
        "lea": (name, text({**solved(), "cells": []}), NOTHING),
        "nia": (name, text(flipped(solved())), FULL),
        "oli": (name, text({**solved(), "nbformat_minor": 0}), FULL),
        "pat": (name, text(solved(extra=["x = '\ud800'"])), FULL),
        "ray": (name, text(malformed(solved())), FULL),
        "sue": (name, None, None),
    }


def hand_in_all(root, people):
    for student, (name, text, _) in people.items():
        folder = root / "submitted" / student / "setup"
        folder.mkdir(parents=True)
        if text is None:
            (folder / name).symlink_to(root / "source" / "setup" / name)
        else:
            (folder / name).write_text(text)


def run(root, *command):
    """Run a program of this environment as if the environment was not activated."""
    env = {**os.environ, "PATH": os.defpath}
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]], cwd=root, env=env, capture_output=True, text=True, timeout=300
    )


def points(root, student):
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        grades = gradebook.find_submission_notebook("setup_dev", "setup", student).grades
        return {grade.name: grade.auto_score for grade in grades if grade.name in FULL}


@pytest.fixture(scope="module")
def people(solved):
    return a_class(solved)


@pytest.fixture(scope="module")
def stock(shut_in, course, people, tmp_path_factory):
    """A course released and graded by nbgrader's own commands, and what their programs said; with pages."""
    root = tmp_path_factory.mktemp("stock") / "course"
    shutil.copytree(course, root, ignore=shutil.ignore_patterns(".cache"))
    hand_in_all(root, people)
    said = {step: run(root, "nbgrader", step, "setup") for step in ("generate_assignment", "autograde")}
    with contextlib.chdir(root):
        assert nbgrader("generate_feedback", "setup")[0] == 0
    return root, said


@pytest.fixture(scope="module")
def ours(released, stock, people, tmp_path_factory):
    """The same class graded by tito: its folder, and student → result."""
    root = tmp_path_factory.mktemp("ours") / "course"
    shutil.copytree(released, root)
    hand_in_all(root, people)
    return root, graded(root)


def graded(root, student=None):
    """What `tito grade setup` does, in this process: student → result."""
    workspace = Workspace.find(root)
    return {
        row.student: row
        for row in grade_module(Source.of(workspace, "setup"), Selection({student} if student else None))
    }


def test_alembic_is_found_and_the_release_holds_no_secret(stock):
    root, said = stock
    assert said["generate_assignment"].returncode == 0, said["generate_assignment"].stderr
    text = (root / "release" / "setup" / "setup_dev.ipynb").read_text()
    assert "def double" in text
    for secret in ("CANARY", "HIDDEN", "SOLUTION", "MARK SCHEME", "judge("):
        assert secret not in text


def test_everybody_gets_what_is_due(stock, people):
    root, said = stock
    due = {student: due for student, (_, _, due) in people.items() if due is not None}
    assert {student: points(root, student) for student in due} == due, said["autograde"].stderr[-3000:]
    graded = {path.parent.parent.name for path in root.glob("autograded/*/setup/setup_dev.ipynb")}
    assert graded == set(due)


def test_exit_codes_say_that_some_were_not_graded(stock):
    _, said = stock
    assert said["autograde"].returncode == 1


@pytest.mark.parametrize(
    "line",
    [
        "cem: check_double: was deleted, put back",
        "fay: a cell of the student: took longer than 3 s",
        "eva: check_double: ended the Python process",
        "sue.*|UserError: setup_dev.ipynb is a link to somewhere else: the file itself has to be handed in.",
        "There was an error processing assignment 'setup' for student 'hal'",
        "There was an error processing assignment 'setup' for student 'jon'",
    ],
)
def test_each_has_a_clear_line(stock, line):
    assert any(part in stock[1]["autograde"].stderr for part in line.split(".*|"))


def test_every_graded_submission_has_a_page(stock, people):
    root, _ = stock
    pages = {path.parent.parent.name: path.read_text() for path in root.glob("feedback/*/setup/*.html")}
    assert set(pages) == {student for student, (_, _, due) in people.items() if due is not None}
    for student, page in pages.items():
        due = people[student][2]
        assert f"<b>{sum(due.values())}</b> of 11 points" in page
        assert "CANARY" not in page


def test_tito_gives_the_same_scores(stock, ours, people):
    root, rows = ours
    for student, (_, _, due) in people.items():
        if due is not None:
            row = rows[student]
            assert row.cells == points(root, student) == points(stock[0], student) == due
            by_hand = 0 if student == "lea" else 2  # who answered nothing needs no reader
            assert (row.score, row.max_score, row.by_hand, row.trouble) == (sum(due.values()), 9, by_hand, None)


def test_tito_says_why_somebody_was_not_graded(ours, people):
    _, rows = ours
    trouble = {student: row.trouble for student, row in rows.items() if row.score is None}
    assert set(trouble) == {student for student, (_, _, due) in people.items() if due is None}
    assert trouble["ida"].startswith("setup_dev.ipynb is missing, and no other notebook was handed in.")
    assert trouble["sue"] == "setup_dev.ipynb is a link to somewhere else: the file itself has to be handed in."
    for student in ("hal", "jon"):
        assert "is not a readable notebook (JSONDecodeError" in trouble[student]
    assert rows["cem"].notes == [f"{name}: was deleted, put back" for name in FULL]
    assert rows["fay"].notes == ["a cell of the student: took longer than 3 s"]
    assert rows["ada"].notes == []


def test_what_was_reported_is_kept_and_never_handed_back(stock):
    root, _ = stock
    assert (root / "autograded" / "ada" / "setup" / "emissions.json.gz").is_file()
    assert sorted(path.name for path in (root / "feedback" / "ada" / "setup").iterdir()) == [
        "README.md",
        "setup_dev.html",
    ]


def test_regrading_keeps_what_people_gave(ours, monkeypatch):
    root, _ = ours
    url = f"sqlite:///{root}/gradebook.db"
    with Gradebook(url) as gradebook:
        grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", "ada")
        grade.manual_score, grade.needs_manual_grade = 1.5, False
        gradebook.find_grade("check_double", "setup_dev", "setup", "ada").extra_credit = 0.5
        gradebook.find_comment("reflect_why", "setup_dev", "setup", "ada").manual_comment = "Well **put**."
        gradebook.db.commit()
    graded(root, "ada")
    assert kept(url) == (1.5, 0.5, "Well **put**.", 11)
    monkeypatch.chdir(root)
    assert nbgrader("autograde", "setup", "--force", "--student=ada")[0] == 0
    assert kept(url) == (1.5, 0.5, "Well **put**.", 11)


def kept(url):
    with Gradebook(url) as gradebook:
        return (
            gradebook.find_grade("reflect_why", "setup_dev", "setup", "ada").manual_score,
            gradebook.find_grade("check_double", "setup_dev", "setup", "ada").extra_credit,
            gradebook.find_comment("reflect_why", "setup_dev", "setup", "ada").comment,
            gradebook.find_submission_notebook("setup_dev", "setup", "ada").score,
        )


def reworded(cells):
    cells["check_double"].source = cells["check_double"].source.replace("twice three", "three twice")


def worth(name):
    return lambda cells: cells[name].metadata["nbgrader"].update(points=20)


@pytest.mark.needs("files")
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (reworded, "check check_double"),
        (worth("check_double"), "check check_double"),
        (worth("reflect_why"), "question reflect_why"),
        (lambda cells: cells.pop("check_both"), "question check_both"),
        (lambda cells: cells.pop("reflect_why"), "question reflect_why"),
        (lambda cells: cells["ask_why"].metadata.update(meta("ask_why", 2, solution=True)), "question ask_why"),
    ],
    ids=["a check's text", "a check's points", "an answer's points", "a check gone", "an answer gone", "a new answer"],
)
def test_a_source_that_changed_after_release_is_refused(classroom, solved, hand_in, change, what):
    hand_in(classroom, "ada", solved())
    path = classroom / "source" / "setup" / "setup_dev.ipynb"
    notebook = nbformat.read(path, 4)
    cells = {cell.id: cell for cell in notebook.cells}
    change(cells)
    notebook.cells = list(cells.values())
    nbformat.write(notebook, path)
    message = (
        f"The {what} of setup is not what was released. "
        "Release the module again (tito release setup), or undo the change."
    )
    with pytest.raises(UserError, match=re.escape(message)):
        graded(classroom)
    if change is reworded:
        code, said = nbgrader("autograde", "setup")
        assert (code, f"UserError: {message}" in said) == (1, True)
    assert not list(classroom.glob("autograded/*/setup/*.ipynb"))


STEALS = {"double": "import pathlib\npathlib.Path({place!r}).touch()\ndef double(x):\n    return x"}


COMMANDS = ("generate_assignment", "autograde", "generate_feedback")
EACH = """import os, runpy, sys
import autograder, nbgrader.apps  # once for all: imports take longer than the rest
for command in sys.argv[1:]:
    if not os.fork():
        sys.argv = ["nbgrader", command, "setup", "--force"]
        sys.exit(runpy.run_module("nbgrader", run_name="__main__"))
    print(f"-- {os.waitstatus_to_exitcode(os.wait()[1])}", file=sys.stderr, flush=True)
"""


@pytest.mark.needs("files")
@pytest.mark.parametrize("broken", ["manifest", "environment"])
def test_without_its_configuration_nbgrader_does_nothing(classroom, solved, hand_in, tmp_path, broken):
    """nbgrader goes on where a configuration raises an exception. It would run what students wrote on this machine,
    and give every point, because checks only report."""
    canary, stubs = tmp_path / "canary", tmp_path / "stubs"
    hand_in(classroom, "ada", solved({"double": STEALS["double"].format(place=str(canary))}))
    before = {path: path.read_bytes() for path in classroom.rglob("*.ipynb")}
    stubs.mkdir()
    if broken == "manifest":
        (classroom / "term.yml").write_text("titel: x\n")
    else:  # another Python, which lacks a library
        (stubs / "nh3.py").write_text("raise ImportError('no nh3')\n")
    variables = {**os.environ, "PYTHONPATH": str(stubs), "JUPYTER_CONFIG_DIR": str(stubs)}
    typed = [sys.executable, "-c", EACH, *COMMANDS]
    done = subprocess.run(typed, env=variables, capture_output=True, text=True)
    *said, rest = re.split(r"-- 1\n", done.stderr)
    assert (len(said), rest) == (len(COMMANDS), ""), done.stderr
    for one in said:
        assert ("there is no key 'titel'" if broken == "manifest" else "can't grade this course (no nh3)") in one
    assert {path: path.read_bytes() for path in classroom.rglob("*.ipynb")} == before
    assert not canary.exists()
    with Gradebook(f"sqlite:///{classroom}/gradebook.db") as gradebook:
        assert gradebook.assignment_submissions("setup") == []


def test_tito_does_nothing_without_nbgraders_configuration(classroom):
    """It would take nbgrader's own gradebook in place of the configured one."""
    (classroom / "nbgrader_config.py").write_text("1 / 0")
    with (
        pytest.raises(UserError, match=r"nbgrader_config.py is missing, or stops with"),
        nbgrader_api(Workspace.find(classroom)),
    ):
        raise AssertionError


@pytest.mark.needs("files")
def test_what_was_not_run_gets_no_points(classroom, solved, hand_in):
    hand_in(classroom, "ada", solved(WRONG))
    code, said = nbgrader("autograde", "setup", "--no-execute")
    assert (code, "ada was not judged" in said) == (1, True), said
    with Gradebook(f"sqlite:///{classroom}/gradebook.db") as gradebook:
        assert gradebook.find_submission("setup", "ada").score == 0
    assert nbgrader("autograde", "setup")[0] == 0
