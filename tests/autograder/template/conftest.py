"""A small template in git, and a course that was made from it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.tito.conftest import full_disk  # noqa: F401

COURSE = """\
course: tiny
title: Tiny
repository: Tiny
limits: {cell_seconds: 20}
modules:
  - {name: setup, title: Setup, goal: Begin, minutes: 30, due: null}
  - {name: tensor, title: Tensor, goal: Go on, prerequisites: [setup], minutes: 60, due: null}
  - {name: mlp, title: MLP, goal: Train, prerequisites: [tensor], needs: [tensor], minutes: 90, due: null}
  - {name: cnn, title: CNN, goal: See, prerequisites: [mlp], minutes: 90, due: null}
"""
ANSWERS = """\
course: ml101
title: ML 101
timezone: Europe/Berlin
first_due: 2027-03-15 23:59
modules: [setup, mlp]
"""


def code(name: str, text: str, points: float | None = None) -> dict:
    meta = {"grade": points is not None, "grade_id": name, "locked": points is not None, "schema_version": 3}
    meta |= {"solution": points is None, "task": False} | ({} if points is None else {"points": points})
    lines = text.splitlines(keepends=True)
    base = {"cell_type": "code", "execution_count": None, "id": name, "metadata": {"nbgrader": meta}}
    return base | {"outputs": [], "source": lines}


def notebook(module: str) -> dict:
    cells = [
        code("default_exp", f"#| default_exp core.{module}"),
        code("double", "#| export\ndef double(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
        code("check_double", 'checks.equal("twice one", double(1), 2)\nchecks.equal("twice two", double(2), 4)', 2),
    ]
    return {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


class Repository:
    """A folder under git, and what people do in it."""

    def __init__(self, root: Path):
        self.root = root

    def __truediv__(self, name: str) -> Path:
        return self.root / name

    def git(self, *arguments: str, code: int = 0) -> str:
        identity = ["-c", "user.name=x", "-c", "user.email=x@localhost", "-c", "commit.gpgsign=false"]
        done = subprocess.run(["git", *identity, *arguments], cwd=self.root, capture_output=True, text=True)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout.strip()

    def write(self, name: str, content: str | bytes | dict) -> None:
        """Write a file; a dict as a notebook."""
        text = json.dumps(content, indent=1) + "\n" if isinstance(content, dict) else content
        (self / name).parent.mkdir(parents=True, exist_ok=True)
        (self / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, message: str = "edit", tag: str = "") -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        if tag:
            self.git("tag", tag)

    def cells(self, module: str = "setup") -> dict:
        """The notebook of a module, with the cells by name."""
        content = json.loads((self / f"source/{module}/{module}_dev.ipynb").read_text())
        return {cell["id"]: cell for cell in content["cells"]}

    def edit(self, cell: str, text: str | None = None, module: str = "setup", **meta) -> None:
        """Give a cell another text, or other metadata for nbgrader."""
        path = self / f"source/{module}/{module}_dev.ipynb"
        content = json.loads(path.read_text())
        for found in content["cells"]:
            if found["id"] == cell:
                found["source"] = found["source"] if text is None else text.splitlines(keepends=True)
                found["metadata"]["nbgrader"].update(meta)
        path.write_text(json.dumps(content, indent=1) + "\n")


@pytest.fixture
def template(tmp_path):
    made = Repository(tmp_path / "template")
    made.root.mkdir()
    made.git("init", "--quiet", "--initial-branch=trunk")
    made.write("course.yml", COURSE)
    made.write(".gitignore", "/*.csv\n.cache/\n/.tito/\n")
    made.write("README.md", "one\n\ntwo\n\nthree\n")
    made.write("CHANGELOG.md", "# Changes\n\n## v0.1.0\n\n- The first.\n")
    for module in ("setup", "tensor", "mlp", "cnn"):
        made.write(f"source/{module}/{module}_dev.ipynb", notebook(module))
        made.write(f"tinytorch_ref/core/{module}.py", f"# made of {module}\n")
    made.write("tinytorch_ref/__init__.py", "")
    made.write("tinytorch_ref/core/__init__.py", "")
    made.commit("first", "v0.1.0")
    return made


@pytest.fixture
def own(template, tmp_path, monkeypatch, tito):
    """A course that was made from the template. It is the current folder."""
    (tmp_path / "answers.yml").write_text(ANSWERS)
    place = tmp_path / "ml101"
    code, _, err = tito("new", place, "--answers", tmp_path / "answers.yml", "--template", template.root)
    assert code == 0, err
    monkeypatch.chdir(place)
    return Repository(place)


@pytest.fixture
def tito(tito):
    """The same for arguments of any type."""
    return lambda *arguments: tito(*map(str, arguments))
