"""check_setup.py, the first program that a student runs, in made-up workspaces with things missing."""

import ast
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tito import environment

SCRIPT = Path(__file__).parents[2] / "source/setup/check_setup.py"
DOOR = SCRIPT.parents[2] / "bin/tito.py"
REQUIREMENTS = Path(__file__).parents[2] / "student/requirements.txt"
HELLO = 'def hello_tinytorch(name="world"):\n    return f"Hello {name}, welcome to TinyTorch!"\n'
ACTIVATE = "source .venv/bin/activate"
INSTALL = "python -m pip install -r requirements.txt"
ITEMS = 10


class Workspace:
    """A student's folder, as small as check_setup.py accepts it, with an environment of its own."""

    def __init__(self, root):
        self.root = root
        self.write("modules/setup/check_setup.py", SCRIPT.read_text(encoding="utf-8"))

    def write(self, name, text=""):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def remove(self, name):
        path = self.root / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    def complete(self):
        for name in ("course.yml", "bin/tito.py", "tito/__init__.py", "tinytorch/__init__.py"):
            self.write(name)
        self.write("tinytorch/core/setup.py", HELLO)
        self.write("modules/setup/setup_dev.ipynb", json.dumps({"cells": []}))
        pins = [
            "alpha==1.2.0 \\\n    --hash=sha256:0",
            "    # via tinytorch",
            "Beta[extra]==2.0",
            "other==1 ; os_name == 'x'",
        ]
        self.write("requirements.txt", "\n".join([*pins, "-e ."]))
        return self

    def equip(self):
        """Make .venv, and pretend that everything is installed in it."""
        builder = venv.EnvBuilder(symlinks=os.name != "nt")
        builder.create(self.root / ".venv")
        self.python = builder.ensure_directories(self.root / ".venv").env_exe
        base = str(self.root / ".venv")
        self.site = sysconfig.get_path("purelib", "venv", {"base": base, "platbase": base})
        self.package("alpha", "1.2")
        self.package("beta", "2.0")
        self.package("tinytorch", "1.0")
        self.write(f"{self.site}/tinytorch-1.0.dist-info/entry_points.txt", "[console_scripts]\ntito = tito.cli:main\n")
        self.write(f"{self.site}/workspace.pth", f"{self.root}\n")
        self.write(f"{self.site}/ipykernel/__init__.py")
        self.kernel("python")
        return self

    def package(self, name, version):
        folder = f"{name.replace('-', '_')}-{version}.dist-info"
        self.write(f"{self.site}/{folder}/METADATA", f"Name: {name}\nVersion: {version}\n")

    def kernel(self, program):
        spec = json.dumps({"argv": [program, "-m", "ipykernel_launcher"]})
        self.write(".venv/share/jupyter/kernels/python3/kernel.json", spec)

    def check(self, *options, python=None, cwd=None, **environment):
        script = self.root / "modules/setup/check_setup.py"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        done = subprocess.run(
            [python or self.python, *options, script],
            cwd=cwd or self.root,
            env={**kept, "PYTHONUTF8": "1", **environment},
            capture_output=True,
        )
        return Answer(done)


class Answer:
    """What it printed, taken apart: for each item its mark, its text and the commands below."""

    def __init__(self, done):
        self.code = done.returncode
        self.text = done.stdout.decode()
        self.items = []
        assert not done.stderr, done.stderr.decode()
        for line in self.text.splitlines():
            mark, _, text = line.partition(" ")
            if mark in ("✅", "❌", "[ok]", "[--]"):
                self.items.append([mark, text, []])
            elif line.startswith("     "):
                self.items[-1][2].append(line.strip())
            elif line.startswith("   - "):
                self.items[-1][1] += line

    @property
    def wrong(self):
        return [(text, commands) for mark, text, commands in self.items if mark in ("❌", "[--]")]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "TinyTorch").complete().equip()


@pytest.fixture
def script():
    """check_setup.py as a module, for what a test can't bring about on a real computer."""
    spec = importlib.util.spec_from_file_location("check_setup", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_everything_fine(workspace):
    answer = workspace.check()
    assert answer.wrong == [], answer.text
    assert len(answer.items) == ITEMS
    assert not any(commands for _, _, commands in answer.items)
    assert answer.code == 0


def test_runs_in_any_folder(workspace, tmp_path):
    answer = workspace.check(cwd=tmp_path)
    assert answer.code == 0, answer.text
    assert f'cd "{workspace.root}"' in answer.text


def test_bare_python_and_empty_folder(tmp_path):
    answer = Workspace(tmp_path / "TinyTorch").check("-I", "-S", "-X", "utf8", python=sys.executable, PATH="")
    assert answer.code == 1
    assert len(answer.items) == ITEMS
    assert len(answer.wrong) == ITEMS - 2, answer.text  # Python itself and the disk are fine
    for text, commands in answer.wrong:
        assert commands, f"nothing mends: {text}"


def no_environment(workspace):
    workspace.python = sys.executable
    workspace.remove(".venv")


def another_environment(workspace):
    (workspace.root / ".venv").rename(workspace.root / "other")
    (workspace.root / ".venv").mkdir()
    workspace.python = workspace.python.replace(".venv", "other")


def not_activated(workspace):
    workspace.python = sys._base_executable


def older_package(workspace):
    workspace.remove(f"{workspace.site}/beta-2.0.dist-info")
    workspace.package("beta", "1.9")


def another_workspace(workspace):
    other = workspace.root.parent / "other"
    for name in ("tito", "tinytorch"):
        shutil.copytree(workspace.root / name, other / name)
    workspace.write(f"{workspace.site}/workspace.pth", f"{other}\n")


def moved(workspace):
    """Renaming the folder leaves the environment's scripts as they were."""
    new = workspace.root.with_name("Größere Kopie")
    workspace.root.rename(new)
    workspace.python = workspace.python.replace(str(workspace.root), str(new))
    workspace.site = workspace.site.replace(str(workspace.root), str(new))
    workspace.root = new
    workspace.write(f"{workspace.site}/workspace.pth", f"{new}\n")


def half_deleted(workspace):
    workspace.write(f"{workspace.site}/alpha/__init__.py")
    record = "alpha/__init__.py,,\nalpha/lost.py,,\nalpha/__pycache__/lost.pyc,,\n../../bin/alpha,,\n"
    workspace.write(f"{workspace.site}/alpha-1.2.dist-info/RECORD", record)


KERNEL = "python -m ipykernel install --sys-prefix"
BREAKS = {
    "no environment": (no_environment, "no virtual environment", "-m venv .venv"),
    "not activated": (not_activated, "not active", "activate"),
    "another environment": (another_environment, "another virtual environment", "deactivate"),
    "a package is missing": (
        lambda w: w.remove(f"{w.site}/alpha-1.2.dist-info"),
        "alpha is not installed, the course uses 1.2.0",
        INSTALL,
    ),
    "moved": (moved, "was moved, renamed or copied: its .venv belongs to", "-m venv --clear .venv"),
    "moved and not activated": (lambda w: (moved(w), not_activated(w)), "was moved", "-m venv --clear .venv"),
    "half deleted": (half_deleted, "alpha is damaged: 1 of its files", "--force-reinstall --no-deps alpha==1.2"),
    "a package is older": (older_package, "Beta is 1.9, the course uses 2.0", INSTALL),
    "no tito": (lambda w: w.remove(f"{w.site}/workspace.pth"), "tito command", INSTALL),
    "tito of another workspace": (another_workspace, "another folder", "pip install -e . --no-deps"),
    "no ipykernel": (lambda w: w.remove(f"{w.site}/ipykernel"), "ipykernel is not installed", INSTALL),
    "no kernel": (lambda w: w.remove(".venv/share"), "no Jupyter kernel", KERNEL),
    "kernel of another Python": (lambda w: w.kernel("/usr/bin/python9"), "/usr/bin/python9", KERNEL),
    "course.yml is missing": (lambda w: w.remove("course.yml"), "course.yml", "git clone"),
    "bin is missing in a clone": (
        lambda w: (w.remove("bin"), w.write(".git/HEAD")),
        "bin/tito.py",
        "git restore bin/tito.py",
    ),
    "no notebook": (lambda w: w.remove("modules/setup/setup_dev.ipynb"), "missing", "tito.py reset --module setup"),
    "damaged notebook": (
        lambda w: w.write("modules/setup/setup_dev.ipynb", '{"cells": [\n<<<<<<< HEAD'),
        "damaged",
        "tito.py reset --module setup",
    ),
    "nothing exported": (lambda w: w.remove("tinytorch/core/setup.py"), "not in your package", "tito.py sync"),
    "hello not written": (
        lambda w: w.write("tinytorch/core/setup.py", "def hello_tinytorch(name):\n    raise NotImplementedError()\n"),
        "not in your package yet",
        "jupyter lab",
    ),
    "hello greets otherwise": (
        lambda w: w.write("tinytorch/core/setup.py", HELLO.replace("Hello", "Hullo")),
        "'Hullo Ada",
        "tito.py sync",
    ),
    "package does not parse": (
        lambda w: w.write("tinytorch/core/setup.py", HELLO + "def"),
        "SyntaxError",
        "tito.py sync",
    ),
    "package needs what is not there": (
        lambda w: w.write("tinytorch/core/setup.py", "import surely_not_there\n" + HELLO),
        "ModuleNotFoundError",
        INSTALL,
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_one_thing_wrong(workspace, name):
    destroy, text, command = BREAKS[name]
    destroy(workspace)
    answer = workspace.check()
    assert answer.code == 1
    assert all(commands for _, commands in answer.wrong)
    lines = [line for found, commands in answer.wrong if text in found for line in commands]
    assert any(command in line for line in lines), answer.text


def test_no_git(workspace):
    answer = workspace.check(PATH="")
    ((text, commands),) = answer.wrong
    assert "git" in text
    assert commands
    assert answer.code == 1


def test_packages_take_one_item_however_many_are_wrong(workspace):
    workspace.write("requirements.txt", "alpha==1.2\n" + "".join(f"package{i}==1\n" for i in range(30)))
    answer = workspace.check()
    ((text, commands),) = answer.wrong
    assert "30 of 31" in text
    assert commands == [INSTALL]
    assert len(answer.text.splitlines()) < 30


TWICE = "alpha==1.2\ngamma==1.0 ; python_full_version < '3.12'\nGamma==2.0 ; python_full_version >= '3.12'\n"


@pytest.mark.parametrize("installed", ["1.0", "2.0", None])
def test_a_package_pinned_for_two_pythons_may_have_either_version(workspace, installed):
    workspace.write("requirements.txt", TWICE)
    if installed:
        workspace.package("gamma", installed)
    assert workspace.check().wrong == []


def test_a_package_pinned_for_two_pythons_counts_once(workspace):
    workspace.write("requirements.txt", TWICE)
    workspace.package("gamma", "1.5")
    ((text, commands),) = workspace.check().wrong
    assert "1 of 2 packages" in text
    assert "gamma is 1.5, the course uses 1.0 or 2.0" in text
    assert commands == [INSTALL]


def test_a_package_with_and_without_a_condition_must_be_there(workspace):
    workspace.write("requirements.txt", "alpha==1.2\ngamma==1.0\ngamma==2.0 ; os_name == 'x'\n")
    ((text, _),) = workspace.check().wrong
    assert "gamma is not installed, the course uses 1.0 or 2.0" in text


@pytest.mark.parametrize("python", ["3.11.2", "3.11.9", "3.12.0", "3.14.1"])
@pytest.mark.parametrize("system", ["linux", "darwin", "win32"])
def test_what_pip_installs_from_the_real_requirements_is_fine(workspace, python, system):
    text = REQUIREMENTS.read_text(encoding="utf-8")
    workspace.write("requirements.txt", text)
    here = {"python_full_version": python, "sys_platform": system, "os_name": "nt" if system == "win32" else "posix"}
    lines = [Requirement(line) for line in text.splitlines() if "==" in line]
    wanted = [line for line in lines if line.marker is None or line.marker.evaluate(here)]
    for line in wanted:
        workspace.package(line.name, str(line.specifier).removeprefix("=="))
    answer = workspace.check()
    assert answer.wrong == [], answer.text
    assert f"{len(wanted)} packages as in requirements.txt" in answer.text


def test_console_without_check_marks(workspace):
    workspace.remove("course.yml")
    answer = workspace.check(PYTHONIOENCODING="cp1252", PYTHONUTF8="0")
    assert [mark for mark, _, _ in answer.items].count("[--]") == 1
    assert [mark for mark, _, _ in answer.items].count("[ok]") == ITEMS - 1


def test_too_old_a_python_hears_only_that(script, monkeypatch, capsys):
    monkeypatch.setattr(script, "OLDEST", (9, 0))
    assert script.main() == 1
    said = capsys.readouterr().out
    assert "too old" in said
    assert "-m venv" in said
    assert said.count("❌") == 1
    assert "✅" not in said


def test_full_disk(script, monkeypatch):
    monkeypatch.setattr(script, "FREE", 10**30)
    fine, text, commands = script.check_disk()
    assert not fine
    assert "1 GB" in text
    assert commands


def test_hello_that_never_ends(script, monkeypatch, tmp_path):
    workspace = Workspace(tmp_path)
    workspace.write("tinytorch/core/setup.py", "while True: pass")
    run = subprocess.run
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script.subprocess, "run", lambda *a, **k: run(*a, **{**k, "timeout": 0.5}))
    fine, text, commands = script.check_hello()
    assert not fine
    assert "does not come back" in text
    assert commands


NEW = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr, ast.Nonlocal, ast.AsyncFunctionDef, ast.MatMult, ast.YieldFrom)


def assert_old(script):
    """That even Python 2.7 can read the file, so that its first lines can say that it is too old."""
    text = script.read_text(encoding="utf-8")
    assert text.startswith("# -*- coding: utf-8 -*-\n")
    for node in ast.walk(ast.parse(text, feature_version=(3, 4))):
        assert not isinstance(node, NEW), f"{script.name}, line {node.lineno}"
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            assert not any(isinstance(item, ast.Starred) for item in node.elts), f"{script.name}, line {node.lineno}"
        if isinstance(node, ast.Dict):
            assert None not in node.keys, f"{script.name}, line {node.lineno}"
        if isinstance(node, ast.FunctionDef):
            args = node.args.args
            assert [node.returns, *node.args.kwonlyargs, *(arg.annotation for arg in args)] == [None] * (1 + len(args))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            assert len(node.args) == 1, f"{script.name}, line {node.lineno}: to Python 2, more is a tuple"


def test_head_ends_it_without_a_traceback(workspace):
    command = f"set -o pipefail; '{workspace.python}' -u modules/setup/check_setup.py | head -n 1"
    done = subprocess.run(["bash", "-c", command], cwd=workspace.root, capture_output=True)
    assert done.stdout.startswith(b"TinyTorch workspace")
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("shell", "line"),
    [("/bin/zsh", "source .venv/bin/activate"), ("/usr/bin/fish", "source .venv/bin/activate.fish"), ("", ACTIVATE)],
)
def test_the_activate_line_fits_the_shell(shell, line, monkeypatch):
    monkeypatch.setenv("SHELL", shell)
    assert environment.activate_line() == line
    spec = importlib.util.spec_from_file_location("check_setup", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert line == module.ACTIVATE


def test_needs_the_standard_library_alone_and_parses_in_old_pythons():
    for script in (SCRIPT, DOOR):
        assert_old(script)
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) else []
        assert {name.split(".")[0] for name in names} <= sys.stdlib_module_names
