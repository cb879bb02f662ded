"""A course of one small module, in a folder of its own: quick to grade, easy to attack."""

import copy
import io
import logging
import re
import shutil
from concurrent.futures import Future
from pathlib import Path

import nbformat
import pytest
from jupyter_core.application import NoStart
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from nbgrader.apps import NbGraderApp

from autograder.engine import sandbox
from autograder.gradebook.api import nbgrader_api
from autograder.handing_back import feedback
from autograder.handing_out.release import release_one
from autograder.judging.source import HIDDEN, MARK_SCHEME, Source, without
from tito.cli import main
from tito.notebooks import grade_id
from tito.workspace import UserError, Workspace

ROOT = Path(__file__).resolve().parents[2]

DOUBLE = """#| export
def double(x):
    ### BEGIN SOLUTION
    # CANARY-SOLUTION
    return 2 * x
    ### END SOLUTION"""

CHECK_DOUBLE = """checks.equal("twice three", double(3), 6)
checks.raises("no text", TypeError, lambda: len(double(3)))
### BEGIN HIDDEN TESTS
x = checks.rng.standard_normal((3, 4))  # CANARY-HIDDEN
checks.reference("random arrays", lambda: double(x))
### END HIDDEN TESTS"""

NORMAL = """#| export
def normal(n):
    ### BEGIN SOLUTION
    return [random.gauss(0, 1) for _ in range(n)]
    ### END SOLUTION"""

CHECK_NORMAL = """checks.equal("as many as asked for", len(normal(3)), 3)
### BEGIN HIDDEN TESTS
n = int(checks.rng.integers(5, 1000))
checks.reference("how many", lambda: len(normal(n)))
checks.claim("samples", lambda: normal(2000))
### BEGIN JUDGE
# CANARY-JUDGE
judge("samples", lambda values: len(values) == 2000 and abs(np.std(values) - 1) < 0.1)
### END JUDGE
### END HIDDEN TESTS"""

CHECK_BOTH = """### BEGIN HIDDEN TESTS
a = checks.rng.standard_normal(5)
checks.reference("doubled once", lambda: double(a))
checks.reference("doubled twice", lambda: double(double(a)))
### END HIDDEN TESTS"""


ASK_WHY = """### Think about it

Why does doubling **not** change a sign?

### BEGIN MARK SCHEME
CANARY-RUBRIC: because 2 is positive.
### END MARK SCHEME"""


def meta(name, points=None, solution=False):
    made = {"grade": points is not None, "grade_id": name, "locked": not solution, "schema_version": 3}
    made |= {"solution": solution, "task": False}
    return {"nbgrader": made | ({"points": points} if points is not None else {})}


def code(name, text, points=None, solution=False, tags=()):
    metadata = meta(name, points, solution) | ({"tags": list(tags)} if tags else {})
    return new_code_cell(text, id=name, metadata=metadata)


def toy_notebook():
    cells = [
        new_markdown_cell("# Module 0: Toy\n\n> A toy.", id="title", metadata=meta("title")),
        code("default_exp", "#| default_exp core.setup"),
        code("imports", "#| export\nimport random"),
        code("tools", "from tito import checks"),
        code("double", DOUBLE, solution=True),
        code("check_double", CHECK_DOUBLE, points=2),
        code("normal", NORMAL, solution=True),
        code("check_normal", CHECK_NORMAL, points=3),
        code("check_both", CHECK_BOTH, points=4, tags=["partial"]),
        new_markdown_cell(ASK_WHY, id="ask_why", metadata=meta("ask_why")),
        new_markdown_cell(
            "Because CANARY-ANSWER.", id="reflect_why", metadata=meta("reflect_why", points=2, solution=True)
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


def make_course(root):
    """The files of the small course, with limits that tests can wait for."""
    shutil.copy(ROOT / "nbgrader_config.py", root)
    manifest = re.sub(r"cell_seconds: \d+", "cell_seconds: 3", (ROOT / "course.yml").read_text())
    (root / "course.yml").write_text(re.sub(r"notebook_seconds: \d+", "notebook_seconds: 20", manifest))
    (root / "source" / "setup").mkdir(parents=True)
    nbformat.write(toy_notebook(), root / "source" / "setup" / "setup_dev.ipynb")
    (root / "source" / "setup" / "README.md").write_text("# Toy\n")
    (root / "tinytorch_ref" / "core").mkdir(parents=True)
    for path in ("__init__.py", "core/__init__.py"):
        (root / "tinytorch_ref" / path).write_text("")
    return root


class InThisProcess:
    """Takes the place of a pool of processes: each of them would import for two seconds what is imported here."""

    def __init__(self, *_):
        pass

    def submit(self, function, *arguments):
        done = Future()
        try:
            done.set_result(function(*arguments))
        except Exception as error:
            done.set_exception(error)
        return done

    def shutdown(self, **_):
        pass


@pytest.fixture(scope="session", autouse=True)
def without_programs():
    """What commands let other processes do is done here. Tests that start a program see the real thing."""
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(feedback, "beside", InThisProcess)
        yield


@pytest.fixture(scope="session")
def shut_in():
    """For fixtures that grade submissions: `@pytest.mark.needs("files")` for whatever uses them."""
    if sandbox.FILES in sandbox.absent():
        pytest.skip(f"needs the protection of files: {sandbox.absent()[sandbox.FILES]}")


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """The root of the small course, as an instructor wrote it."""
    return make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def source(course):
    return Source.of(Workspace.find(course), "setup")


@pytest.fixture(scope="session")
def released(tmp_path_factory):
    """The root of a small course that was released; nobody has handed in. Not to be changed: see `classroom`."""
    root = make_course(tmp_path_factory.mktemp("released"))
    workspace = Workspace.find(root)
    with nbgrader_api(workspace) as api:
        release_one(api, Source.of(workspace, "setup"))
    return root


@pytest.fixture
def own_copy(tmp_path, monkeypatch):
    """A function that copies a course for one test, and makes the copy the current folder; the copy."""

    def make(root):
        folder = shutil.copytree(root, tmp_path / "course")
        monkeypatch.chdir(folder)
        return folder

    return make


@pytest.fixture
def classroom(released, own_copy):
    """A released course of the test's own, which is the current folder, too."""
    return own_copy(released)


@pytest.fixture(scope="session")
def solved(source):
    """A function that makes the perfect submission, with `cells` in place of its own and `extra` code cells."""

    def make(cells=None, extra=()):
        notebook = copy.deepcopy(source.notebook)
        for cell in notebook.cells:
            cell.source = (cells or {}).get(grade_id(cell), without_markers(cell.source))
        at = 1 + next(index for index, cell in enumerate(notebook.cells) if grade_id(cell) == "tools")
        notebook.cells[at:at] = [new_code_cell(text) for text in extra]
        return notebook

    return make


def without_markers(text):
    """A cell as a student hands it in: no hidden text, nothing of the instructor's own."""
    text = without(without(text, HIDDEN), MARK_SCHEME).replace("CANARY-ANSWER", "it is so")
    return "\n".join(line for line in text.splitlines() if "CANARY" not in line and " SOLUTION" not in line)


@pytest.fixture(scope="session")
def hand_in():
    """A function that lays a notebook, or the text of its file, into submitted/."""

    def lay(root, student, notebook, name="setup_dev.ipynb"):
        folder = Path(root) / "submitted" / student / "setup"
        folder.mkdir(parents=True, exist_ok=True)
        text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
        (folder / name).write_text(text, encoding="utf-8")
        return folder

    return lay


def nbgrader(*arguments):
    """A stock command in the current folder, in this process, which takes a tenth of the time: exit code, messages."""
    log, app = io.StringIO(), NbGraderApp.instance()
    try:
        app.initialize(list(arguments))
        app.init_logging(logging.StreamHandler, [log], color=False, subapps=True)
        app.start()
    except NoStart:  # a command that went well
        return 0, log.getvalue()
    except SystemExit as end:
        return end.code or 0, log.getvalue()
    except UserError as error:  # Python would show it, and exit with 1
        return 1, log.getvalue() + str(error)
    finally:
        app.reset()


@pytest.fixture
def tito(capsys):
    """A function that runs a command in the current folder: exit code, output, messages."""

    def run(*arguments):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, " ".join(said.err.split())

    return run
