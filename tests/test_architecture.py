"""The rules of imports hold, a wrong import is noticed, and no name has two meanings."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from tito import __version__

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("tito", "autograder")

# The same in two places by design: a command's door and its room, or one notion that several files offer.
DOORS = {ROOT / "tito" / "cli.py", ROOT / "autograder" / "cli.py"}
DRAWINGS = {"draw", "milestones"}  # each file there is imported by one notebook, or run, as a whole
ONE_MEANING = {"main"}  # what a file does that is run


def lint_imports(folder):
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", timeout=300)


@pytest.fixture
def tree(tmp_path):
    """A copy of the two packages, to be broken."""
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


SAME_IN_TWO_MODULES = {  # a name of the framework: why two modules may have it
    "matmul": "the kernel does what the operation of a Tensor does",
    "layer_norm": "the kernel does what the operation of the GPT does",
    "causal_softmax": "the same",
    "windows": "of an image, and of a text: views of what stands side by side",
    "CHUNK": "as much as stays in the cache",
    "elementwise": "what treats each number by itself",
    "main": "what a program runs",
    "PAGE": "the frame of a page of HTML",
    "stream": "of random numbers, and of what a GPT writes: one after the other",
}


def test_the_rules_hold():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("autograder/engine/execute.py", "from autograder.judging import judge"),
        ("autograder/judging/judge.py", "from autograder.gradebook import record"),
        ("autograder/judging/source.py", "from autograder.engine import process"),
        ("autograder/intake/roster.py", "from autograder.gradebook import record"),
        ("autograder/pages/report.py", "from autograder.handing_back import export"),
        ("autograder/gradebook/record.py", "from autograder.commands import grade"),
        ("tito/notebooks.py", "import autograder"),
        ("tito/workspace.py", "from tito import notebooks"),
    ],
)
def test_a_wrong_import_is_noticed(tree, path, line):
    (tree / path).write_text(f"{(tree / path).read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = lint_imports(tree)
    assert done.returncode == 1, f"{path}: {line}"
    assert "BROKEN" in done.stdout


def test_titos_command_line_loads_nothing_of_the_autograder():
    text = "import sys, tito.cli; sys.exit(any(name.partition('.')[0] == 'autograder' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", text], cwd=ROOT, timeout=300).returncode == 0


def test_an_installed_course_has_all_its_packages():
    """As `uvx --from git+URL tito new` needs it."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"]
    found = {
        path.parent.relative_to(ROOT).as_posix() for name in PACKAGES for path in (ROOT / name).rglob("__init__.py")
    }
    assert {name.replace("/", ".") for name in found} == {name for name in stated if not name.startswith("tinytorch")}


def test_the_version_is_everywhere_the_same():
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert stated == __version__
    assert f"\nversion: {stated}\n" in (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\n## v{stated}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_a_public_name_has_one_meaning():
    places = defaultdict(set)
    for path in (path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        if path in DOORS or DRAWINGS & set(path.parts):
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
                places[node.name].add(path.relative_to(ROOT).as_posix())
    several = {name: sorted(found) for name, found in places.items() if len(found) > 1 and name not in ONE_MEANING}
    assert not several


def test_a_name_of_the_framework_has_one_meaning():
    """Functions, classes and constants that students import from one module or another."""
    places = defaultdict(set)
    for path in (ROOT / "tinytorch_ref/core").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                places[node.name].add(path.stem)
            for target in node.targets if isinstance(node, ast.Assign) else ():
                places[ast.unparse(target)].add(path.stem)
    several = {name for name, found in places.items() if len(found) > 1 and name[0] != "_"}
    assert several <= set(SAME_IN_TWO_MODULES)
