"""A module that is corrected when students have handed it in: wording, checks, points, cells that come and go."""

import shutil
import sqlite3

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.grading.pipeline import grade_module
from autograder.judging.source import Source
from tito.notebooks import grade_id
from tito.workspace import Workspace

LENIENT = """checks.equal("something", double(0), 0)
### BEGIN HIDDEN TESTS
checks.reference("twice some number", lambda: double(float(checks.rng.integers(1, 9))))
### END HIDDEN TESTS"""
TRIPLE = """#| export
def triple(x):
    ### BEGIN SOLUTION
    return 3 * x
    ### END SOLUTION"""
CHECK_TRIPLE = """### BEGIN HIDDEN TESTS
checks.reference("thrice", lambda: triple(checks.rng.standard_normal(3)))
### END HIDDEN TESTS"""
STRICT = "def double(x):\n    if isinstance(x, int):\n        return 0\n    return 2 * x"


@pytest.fixture(scope="module")
def once(shut_in, released, hand_in, solved, tmp_path_factory):
    root = shutil.copytree(released, tmp_path_factory.mktemp("corrections") / "course")
    hand_in(root, "ada", solved())
    hand_in(root, "bert", solved({"double": STRICT}))
    hand_in(root, "carl", solved({"normal": "def normal(n):\n    return n * [0.0]"}))
    assert not [one for one in grade_module(Source.of(Workspace.find(root), "setup")) if one.trouble]
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        for number, name in enumerate(("ada", "bert", "carl")):
            grade = gradebook.find_grade("reflect_why", "setup_dev", "setup", name)
            grade.manual_score, grade.needs_manual_grade = number / 2, False
            override = gradebook.find_grade("check_normal", "setup_dev", "setup", name)
            override.manual_score, override.extra_credit, override.needs_manual_grade = 1.5, 0.25, False
            gradebook.find_comment("reflect_why", "setup_dev", "setup", name).manual_comment = f"well, {name}"
        gradebook.db.commit()
    return root


@pytest.fixture
def graded(once, own_copy):
    """A course whose three students are graded, by the machine and by a person."""
    return own_copy(once)


def correct(root, change):
    """Let `change` work on the source's cells, by name."""
    path = root / "source" / "setup" / "setup_dev.ipynb"
    notebook = nbformat.read(path, 4)
    change(notebook, {grade_id(cell): cell for cell in notebook.cells})
    nbformat.write(notebook, path)


def rows(root) -> dict:
    """(table, key) → row, of the whole gradebook."""
    connection = sqlite3.connect(root / "gradebook.db")
    connection.row_factory = sqlite3.Row
    tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        (table, tuple(row)[:2]): dict(row) for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')
    }


def changes(before: dict, after: dict) -> set:
    """(table, column) of all that differs."""
    assert set(before) == set(after)
    return {(key[0], column) for key in before for column in before[key] if before[key][column] != after[key][column]}


def scores(root, student: str) -> dict[str, float]:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        (notebook,) = gradebook.find_submission("setup", student).notebooks
        return {grade.name: grade.auto_score for grade in notebook.grades if not grade.name.startswith("reflect")}


def test_a_corrected_check_changes_only_what_it_must(graded, tito):
    before, files = rows(graded), (graded / "autograded/ada/setup/setup_dev.ipynb").read_text()
    assert scores(graded, "bert") == {"check_double": 0, "check_normal": 3, "check_both": 4}
    correct(graded, lambda _, cells: cells["check_double"].update(source=LENIENT))
    assert tito("release", "setup")[0] == 0
    assert tito("grade", "setup")[0] == 0
    after = rows(graded)
    assert scores(graded, "bert") == {"check_double": 2, "check_normal": 3, "check_both": 4}
    graded_anew = {"tinytorch_graded": {"key", "notebook", "at"}, "source_cell": {"source", "checksum"}}
    allowed = {(table, column) for table, columns in graded_anew.items() for column in columns}
    assert changes(before, after) - allowed == {("grade", "auto_score")}
    moved = [key for key in before if key[0] == "grade" and before[key] != after[key]]
    assert len(moved) == 1, "one student's one question"
    assert files != (graded / "autograded/ada/setup/setup_dev.ipynb").read_text()


def test_one_question_alone(graded, tito):
    def change(_, cells):
        cells["check_double"].source = LENIENT
        cells["check_both"].source = cells["check_both"].source.replace("double(a))", "double(3))", 1)  # bert fails

    before = scores(graded, "carl")
    correct(graded, change)
    assert tito("release", "setup")[0] == 0
    assert tito("grade", "setup", "--only", "check_double")[0] == 0
    assert scores(graded, "bert") == {"check_double": 2, "check_normal": 3, "check_both": 4}
    assert scores(graded, "carl") == before
    assert tito("grade", "setup", "--only", "check_nothing")[0] == 2


def test_a_new_attempt_is_graded_whole(graded, tito, hand_in, solved):
    hand_in(graded, "carl", solved())
    assert tito("grade", "setup", "--only", "check_double")[0] == 0
    assert scores(graded, "carl") == {"check_double": 2, "check_normal": 3, "check_both": 4}


def test_an_answer_that_is_new_is_to_be_read_again(graded, tito, hand_in, solved):
    hand_in(graded, "ada", solved({"reflect_why": "Now I know."}))
    hand_in(graded, "bert", solved({"double": STRICT}, ["1 + 1"]))
    assert tito("grade", "setup")[0] == 0
    with Gradebook(f"sqlite:///{graded}/gradebook.db") as gradebook:
        flags = [
            gradebook.find_grade("reflect_why", "setup_dev", "setup", name).needs_manual_grade
            for name in ("ada", "bert", "carl")
        ]
        assert flags == [True, False, False]


def test_an_added_question(graded, tito):
    def change(notebook, cells):
        made = [cells["double"].copy(), cells["check_double"].copy()]
        for cell, name, text in zip(made, ("triple", "check_triple"), (TRIPLE, CHECK_TRIPLE), strict=True):
            cell.id, cell.source = name, text
            cell.metadata = {"nbgrader": cell.metadata["nbgrader"] | {"grade_id": name}}
        at = notebook.cells.index(cells["check_both"])
        notebook.cells[at:at] = made

    before = rows(graded)
    correct(graded, change)
    code, out, _ = tito("release", "setup")
    assert code == 0
    assert "check_triple added" in out
    assert tito("grade", "setup")[0] == 0
    for name in ("ada", "bert", "carl"):
        assert scores(graded, name)["check_triple"] == 0
    after = rows(graded)
    kept = {key: row for key, row in after.items() if key in before and key[0] in ("grade", "comment")}
    assert kept == {key: row for key, row in before.items() if key[0] in ("grade", "comment")}
    assert tito("feedback", "setup", "--anyway")[0] == 0


def test_a_removed_question(graded, tito):
    def change(notebook, cells):
        notebook.cells.remove(cells["check_both"])

    correct(graded, change)
    code, out, _ = tito("release", "setup")
    assert code == 0
    assert "check_both removed" in out
    assert tito("grade", "setup")[0] == 0
    assert scores(graded, "ada") == {"check_double": 2, "check_normal": 3}


def test_what_a_person_has_graded_is_not_removed(graded, tito):
    def change(notebook, cells):
        notebook.cells.remove(cells["reflect_why"])

    before = rows(graded)
    correct(graded, change)
    code, _, err = tito("release", "setup")
    assert code == 2
    assert "reflect_why of setup was graded by hand" in err
    assert rows(graded) == before


def test_other_points(graded, tito):
    correct(graded, lambda _, cells: cells["check_double"].metadata["nbgrader"].update(points=7))
    assert tito("release", "setup")[0] == 0
    assert tito("grade", "setup")[0] == 0
    assert scores(graded, "ada")["check_double"] == 7
    assert scores(graded, "bert")["check_double"] == 0
