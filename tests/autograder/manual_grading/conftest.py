"""A class whose answers wait for a person."""

import shutil

import nbformat
import pytest

from autograder.gradebook.api import nbgrader_api
from autograder.judging.source import Source
from autograder.manual_grading.answers import manual_question
from tito.cli import main
from tito.workspace import Workspace

RUBRIC = """### Think about it

Why does doubling **not** change a sign?

### BEGIN MARK SCHEME
- 1 point: because 2 is positive, 2*x*0.5 is x,
  and so on.
- 1 point: CANARY-RUBRIC zero has no sign. Half of it for the idea.
### END MARK SCHEME"""
MANY = 40


def graded(root, students, hand_in, solved):
    """Lay out a class in a released course, and let the machine grade it."""
    for number, student in enumerate(students):
        cells = {"reflect_why": f"Answer *{number}*: $2 > 0$. <script>window.hacked = 1</script>"}
        hand_in(root, student, solved(cells))
    with pytest.MonkeyPatch.context() as patches:
        patches.chdir(root)
        with pytest.raises(SystemExit) as end:
            main(["grade", "setup"])
    assert not end.value.code
    return root


@pytest.fixture(scope="session")
def with_rubric(tmp_path_factory, released):
    """The released small course, whose rubric is a list."""
    root = shutil.copytree(released, tmp_path_factory.mktemp("rubric") / "course")
    path = root / "source" / "setup" / "setup_dev.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.id == "ask_why":
            cell.source = RUBRIC
    nbformat.write(notebook, path)
    return root


@pytest.fixture(scope="session")
def few(shut_in, with_rubric, tmp_path_factory, hand_in, solved):
    """Three students, graded by the machine. Not to be changed: see `gradebook`."""
    root = shutil.copytree(with_rubric, tmp_path_factory.mktemp("few") / "course")
    return graded(root, ("ada", "bert", "carl"), hand_in, solved)


@pytest.fixture
def module(few, own_copy):
    return Source.of(Workspace.find(own_copy(few)), "setup")


@pytest.fixture
def asked(module):
    return manual_question(module, "reflect_why")


@pytest.fixture
def gradebook(module):
    with nbgrader_api(module.workspace) as api, api.gradebook as opened:
        yield opened
