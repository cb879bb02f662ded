import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tito

ROOT = Path(__file__).resolve().parents[2]
STUDENT = ("info", "sync", "test", "milestone", "data", "reset", "rescue", "submit")
OF_A_MODULE = ("sync", "test", "reset", "rescue", "submit")


@pytest.mark.parametrize("command", OF_A_MODULE)
def test_unknown_module(home, command):
    before = home.files()
    done = home.tito(command, "--module", "tensorr")
    assert done.code == 2
    assert done.err.count("tito: ") == 1
    assert "There is no module 'tensorr'. Did you mean tensor? The modules: setup, tensor, mlp, cnn." in done.err
    assert home.files() == before


@pytest.mark.parametrize("command", ["sync", "test", "submit"])
def test_module_that_is_not_released(home, command):
    done = home.tito(command, "--module", "cnn")
    assert done.code == 2
    assert "Module cnn is not released yet. Released so far: setup, tensor, mlp." in done.err


@pytest.mark.parametrize(
    "command", [["info"], ["sync"], ["test"], ["data"], ["milestone", "mnist"], ["reset", "-m", "setup"]]
)
def test_outside_of_a_workspace(home, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    done = home.tito(*command)
    assert done.code == 2
    assert "is not inside a TinyTorch workspace" in done.err
    assert done.out == ""


@pytest.mark.parametrize("command", [["info"], ["sync"], ["test"], ["submit", "-m", "setup"]])
def test_broken_manifest(home, command):
    (home / "course.yml").write_text("modules: [")
    done = home.tito(*command)
    assert done.code == 2
    assert "course.yml can't be read as the course's manifest" in done.err


@pytest.mark.parametrize("command", [["sync", "-m", "setup"], ["submit", "-m", "setup"]])
def test_corrupt_notebook(home, command):
    home.write("setup", "<<<<<<< HEAD\n{}")
    before = home.files()
    done = home.tito(*command)
    assert done.code == 2
    assert "modules/setup/setup_dev.ipynb is not a readable notebook" in done.err
    assert "reset --module setup" in done.err
    assert home.files() == before


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["reset"], "Missing option '--module'"),
        (["submit"], "Missing option '--module'"),
        (["milestone"], "Missing argument"),
        (["sync", "tensor"], "unexpected extra argument"),
        (["info", "--wrong"], "No such option"),
        (["tset"], "Did you mean 'test'"),
    ],
)
def test_wrong_use(home, command, message):
    done = home.tito(*command)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize(
    ("command", "function"),
    [
        (["info"], "tito.commands.info.info"),
        (["sync"], "tito.commands.sync.sync"),
        (["test"], "tito.commands.test.test"),
        (["data", "mnist"], "tito.commands.data.data"),
        (["milestone", "mnist"], "tito.commands.milestone.milestone"),
        (["reset", "-m", "setup"], "tito.commands.reset.reset"),
        (["rescue", "-m", "setup"], "tito.commands.rescue.rescue"),
        (["submit", "-m", "setup"], "tito.commands.submit.submit"),
    ],
)
@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (KeyboardInterrupt(), 130, "tito: interrupted; nothing that was finished is lost\n"),
        (PermissionError(13, "Permission denied", "some/file"), 1, "tito: some/file: Permission denied\n"),
        (OSError(28, "No space left on device"), 1, "tito: No space left on device\n"),
    ],
)
def test_every_command_ends_with_one_message(home, monkeypatch, command, function, error, code, message):
    def stop(*arguments):
        raise error

    monkeypatch.setattr(function, stop)
    done = home.tito(*command)
    assert (done.code, done.out, done.err) == (code, "", message)


def test_a_read_only_folder(home, monkeypatch):
    home.solve("setup")
    before = home.files()

    def refuse(path, content, mode=None):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("tito.files._write_through", refuse)
    done = home.tito("sync")
    monkeypatch.undo()
    assert done.code == 1
    assert "tinytorch/__init__.py: Permission denied" in done.err
    assert {path: content for path, content in home.files().items() if path in before} == before


def test_ctrl_c_while_syncing_keeps_the_old_export(home, monkeypatch):
    home.solve("setup")
    home.tito("sync")
    old = (home / "tinytorch/core/setup.py").read_bytes()
    home.edit("setup", "area", "#| export\ndef area(r):\n    return 3")

    def stop(part, target):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", stop)
    assert home.tito("sync").code == 130
    assert (home / "tinytorch/core/setup.py").read_bytes() == old
    assert not list((home / "tinytorch/core").glob(".*"))


def test_one_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == tito.__version__


def test_help_names_every_command(home):
    done = home.tito("--help")
    assert done.code == 0
    for command in STUDENT:
        assert f"  {command} " in done.out
        assert home.tito(command, "--help").code == 0


def test_the_door(home):
    """`python bin/tito.py`, from a folder inside of the workspace, as the guide has it."""
    shutil.copytree(ROOT / "bin", home / "bin")
    shutil.copytree(ROOT / "tito", home / "tito", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "../bin/tito.py", "info"]
    done = subprocess.run(command, cwd=home / "modules", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Next step: jupyter lab modules/setup/setup_dev.ipynb" in done.stdout


def test_the_door_without_the_environment(home):
    shutil.copytree(ROOT / "bin", home / "bin")
    shutil.copytree(ROOT / "tito", home / "tito", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "bin/tito.py", "info"], cwd=home.root, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert "typer is not installed for" in done.stderr
    assert "source .venv/bin/activate" in done.stderr


def test_a_pipe_that_closes_early(home):
    command = f"{sys.executable} -m tito.cli info --json | head -c 1"
    done = subprocess.run(command, shell=True, cwd=home.root, capture_output=True, text=True)
    assert done.stdout == "{"
    assert "Traceback" not in done.stderr
