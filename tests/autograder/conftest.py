"""A course of one small module, in a folder of its own: quick to grade, easy to attack."""

import shutil
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.source import Source
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]

DOUBLE = """#| export
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION"""

CHECK_DOUBLE = """checks.equal("twice three", double(3), 6)
checks.raises("no text", TypeError, lambda: len(double(3)))
### BEGIN HIDDEN TESTS
x = checks.rng.standard_normal((3, 4))
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
judge("samples", lambda values: len(values) == 2000 and abs(np.std(values) - 1) < 0.1)
### END JUDGE
### END HIDDEN TESTS"""

CHECK_BOTH = """### BEGIN HIDDEN TESTS
a = checks.rng.standard_normal(5)
checks.reference("doubled once", lambda: double(a))
checks.reference("doubled twice", lambda: double(double(a)))
### END HIDDEN TESTS"""


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
        new_markdown_cell("Because.", id="reflect_why", metadata=meta("reflect_why", points=2, solution=True)),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel, "language_info": {"name": "python"}})


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """The root of the small course, released."""
    root = tmp_path_factory.mktemp("course")
    for name in ("course.yml", "nbgrader_config.py"):
        shutil.copy(ROOT / name, root)
    (root / "source" / "setup").mkdir(parents=True)
    nbformat.write(toy_notebook(), root / "source" / "setup" / "setup_dev.ipynb")
    (root / "source" / "setup" / "README.md").write_text("# Toy\n")
    (root / "tinytorch_ref" / "core").mkdir(parents=True)
    for path in ("__init__.py", "core/__init__.py"):
        (root / "tinytorch_ref" / path).write_text("")
    return root


@pytest.fixture(scope="session")
def source(course):
    return Source.of(Workspace.find(course), "setup")
