import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path

import pytest

import tito
from tito import datasets
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
RECIPES = Path(tito.__file__).with_name("milestones")
STUDENT = ("info", "sync", "test", "milestone", "data", "update", "reset", "restore", "rescue", "submit")
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


@pytest.mark.parametrize("command", [["release", "setup"], ["grade"], ["roster", "show"]])
def test_an_instructor_in_a_students_workspace_is_sent_to_the_course(home, command):
    before = home.files()
    done = home.tito(*command)
    assert (done.code, done.out) == (2, "")
    said = f"tito {command[0]} is an instructor's command, and this is a students' workspace"
    assert said in done.err
    assert "source/" in done.err
    assert home.files() == before


@pytest.mark.parametrize(
    "command", [["info"], ["sync"], ["test"], ["data"], ["milestone", "mnist"], ["reset", "-m", "setup"]]
)
def test_outside_of_a_workspace(home, tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    done = home.tito(*command)
    assert done.code == 2
    assert "is not inside a TinyTorch workspace" in done.err
    assert done.out == ""


@pytest.mark.skipif(os.name == "nt", reason="Windows removes no folder that somebody is in")
@pytest.mark.parametrize("command", [["info"], ["sync"], ["--help"]])
def test_in_a_folder_that_was_removed(home, tmp_path, monkeypatch, command):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    done = home.tito(*command)
    assert (done.code, done.out) == (2, "")
    assert "The current folder is not there any more" in done.err


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
        (["test", "tensor"], "a module's name goes like this: tito test --module tensor"),
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
        (PermissionError(13, "Permission denied", "some/file"), 3, "tito: some/file: Permission denied. Details: "),
        (OSError(28, "No space left on device"), 3, "tito: No space left on device. Details: "),
        (ZeroDivisionError("by zero"), 3, "tito: tito has a bug, please report it: ZeroDivisionError: by zero. Deta"),
    ],
)
def test_every_command_ends_with_one_message(home, monkeypatch, command, function, error, code, message):
    def stop(*arguments):
        raise error

    monkeypatch.setattr(function, stop)
    done = home.tito(*command)
    assert (done.code, done.out, done.err.count("\n")) == (code, "", 1)
    assert done.err.startswith(message)


def test_a_read_only_folder(home, monkeypatch):
    home.solve("setup")
    before = home.files()

    def refuse(path, *_):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("tito.files._write_through", refuse)
    done = home.tito("sync")
    monkeypatch.undo()
    assert done.code == 3
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


def test_help_names_every_data_set_and_which_milestones_keep_a_state(home):
    said = {name: " ".join(home.tito(name, "--help").out.replace("│", " ").split()) for name in ("data", "milestone")}
    milestones = {row.milestone for row in Workspace.find(Path(__file__)).course.modules.values() if row.milestone}
    keep = {path.stem.rpartition("_")[2] for path in RECIPES.glob("*.py") if "\nRESUMABLE = True" in path.read_text()}
    assert all(name in said["data"] for name in datasets.DATASETS)
    assert all(name in said["milestone"] for name in milestones)
    (fresh,) = re.findall(r"--fresh (.*?) --", said["milestone"])
    assert {name for name in milestones if name in fresh} == keep


def test_the_door(home):
    """`python bin/tito.py`, from a folder inside of the workspace, as the guide has it."""
    shutil.copytree(ROOT / "bin", home / "bin")
    shutil.copytree(ROOT / "tito", home / "tito", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "../bin/tito.py", "info"]
    done = subprocess.run(command, cwd=home / "modules", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Next step: jupyter lab modules/setup/setup_dev.ipynb" in done.stdout


def without_packages(home, *remove):
    """What the door says to a Python that has no packages."""
    shutil.copytree(ROOT / "bin", home / "bin")
    shutil.copytree(ROOT / "tito", home / "tito", ignore=shutil.ignore_patterns("__pycache__", *remove))
    command = [sys.executable, "-I", "-S", "-X", "utf8", "bin/tito.py", "info"]
    done = subprocess.run(command, cwd=home.root, capture_output=True, encoding="utf-8")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


def activate_script(home, environment):
    (home / ".venv/bin").mkdir(parents=True)
    (home / ".venv/bin/activate").write_text(f'VIRTUAL_ENV="{environment}"\n', encoding="utf-8")


def test_the_door_without_the_environment(home):
    activate_script(home, home / ".venv")
    said = without_packages(home)
    assert "typer is not installed for" in said
    assert "Activate the environment first: source .venv/bin/activate" in said


def test_the_door_before_the_environment_is_made(home):
    assert "-m venv" in without_packages(home)


def test_the_door_of_a_workspace_that_was_moved(home):
    activate_script(home, "/home/ada/Größe/TinyTorch/.venv")
    said = without_packages(home)
    assert "was moved or copied: its .venv belongs to /home/ada/Größe/TinyTorch/.venv" in said
    assert "-m venv --clear .venv" in said


def test_the_door_where_tito_is_not_complete(home):
    assert "git restore tito" in without_packages(home, "cli.py")


def test_a_file_that_another_program_has_open_on_windows(home, monkeypatch):
    class Sharing(PermissionError):
        winerror = 32

    fail(monkeypatch, Sharing(13, "The process cannot access the file", "setup_dev.ipynb"))
    done = home.tito("info")
    assert done.code == 3
    assert "setup_dev.ipynb can't be replaced" in done.err
    assert "Close it in other programs" in done.err


def test_a_pipe_that_closes_early(home):
    for arguments in ("info", "info --json", "--help"):
        for unbuffered in ("", "1"):
            command = f"{sys.executable} -m tito.cli {arguments} | head -c 1; echo ${{PIPESTATUS[0]}}"
            environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
            done = subprocess.run(["bash", "-c", command], cwd=home.root, env=environment, capture_output=True)
            assert done.stdout.decode().splitlines()[-1][-1] == "0"
            assert done.stderr == b""


def test_a_pipe_whose_reader_is_gone_from_the_start(home):
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "tito.cli", "info"], cwd=home.root, stdout=write, stderr=subprocess.PIPE
    )
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


def fail(monkeypatch, error):
    def info(*arguments):
        raise error

    monkeypatch.setattr("tito.commands.info.info", info)


def log(home) -> str:
    (path,) = (home / ".tito" / "logs").iterdir()
    return path.read_text(encoding="utf-8")


def test_another_broken_pipe_is_a_failure(home, monkeypatch):
    """Exit code 0 is for a reader that is gone, not for a broken connection inside of tito."""
    fail(monkeypatch, BrokenPipeError(32, "Broken pipe"))
    done = home.tito("info")
    assert done.code == 3
    assert done.err.startswith("tito: Broken pipe. Details: ")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            ZeroDivisionError("division by zero"),
            "tito has a bug, please report it: ZeroDivisionError: division by zero",
        ),
        (EOFError("EOF when\nreading"), "tito has a bug, please report it: EOFError: EOF when reading"),
        (RecursionError(), "tito has a bug, please report it: RecursionError:"),
        (OSError(28, "No space left on device", "some/file"), "some/file: No space left on device"),
        (OSError("of our own"), "of our own"),
    ],
)
def test_a_failure_is_one_line_and_a_log(home, monkeypatch, error, message):
    fail(monkeypatch, error)
    done = home.tito("info", "--json")
    assert (done.code, done.out, done.err.count("\n")) == (3, "", 1)
    assert done.err.startswith(f"tito: {message}. Details: {home / '.tito' / 'logs'}/")
    assert "Aborted" not in done.err
    assert "Traceback (most recent call last):" in log(home)
    assert type(error).__name__ in log(home)


def test_a_log_where_the_workspace_can_not_be_written(home, monkeypatch, tmp_path):
    (home / ".tito" / "logs").write_text("in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fail(monkeypatch, ZeroDivisionError())
    assert f"Details: {tmp_path}/tito-logs/" in home.tito("info").err
    (path,) = (tmp_path / "tito-logs").iterdir()
    assert "ZeroDivisionError" in path.read_text()


def test_no_log_at_all(home, monkeypatch, tmp_path):
    for folder in (home / ".tito" / "logs", tmp_path / "tito-logs"):
        folder.write_text("in the way")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    fail(monkeypatch, OSError(28, "No space left on device"))
    done = home.tito("info")
    assert (done.code, done.err) == (3, "tito: No space left on device. The details could not be written anywhere.\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_a_full_disk_under_the_output(home, option, unbuffered):
    command = [sys.executable, "-m", "tito.cli", "info", *option]
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, cwd=home.root, stdout=full, stderr=subprocess.PIPE, env=environment)
    assert done.returncode == 3
    assert done.stderr.startswith(b"tito: No space left on device. Details: ")
    assert done.stderr.count(b"\n") == 1


def test_ctrl_c_is_no_traceback(home):
    """A check that waits for ever, and Ctrl-C as soon as the notebook runs."""
    home.solve("setup")
    home.edit("setup", "area", "#| export\nopen('begun', 'w').close()\nimport time\ntime.sleep(60)")
    done = home.interrupt("test", "-m", "setup", when=(home / "modules/setup/begun").exists)
    assert done.code == 130
    assert done.err.endswith("tito: interrupted; nothing that was finished is lost\n")
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["latin-1", "ascii"])
def test_a_terminal_that_lacks_letters(home, name):
    (home / "course.yml").write_text((home / "course.yml").read_text().replace("title: Tensor", "title: Größe …"))
    environment = {**os.environ, "PYTHONIOENCODING": name}
    command = [sys.executable, "-m", "tito.cli", "info"]
    done = subprocess.run(command, cwd=home.root, capture_output=True, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"?" in done.stdout


@pytest.mark.parametrize(
    "command",
    [
        ["info"],
        ["sync"],
        ["test"],
        ["submit", "-m", "setup"],
        ["data"],
        ["reset", "-m", "setup"],
        ["milestone", "mnist"],
    ],
    ids=" ".join,
)
def test_every_file_is_opened_with_an_encoding(home, command):
    """Python warns of each place that leaves the encoding to the machine; the line of ours is named in the warning."""
    home.solve("setup")
    options = ["-X", "warn_default_encoding", "-W", "always::EncodingWarning"]
    done = subprocess.run([sys.executable, *options, "-m", "tito.cli", *command], cwd=home.root, capture_output=True)
    assert done.returncode in (0, 1, 2), done.stderr.decode()
    warnings = [line for line in done.stderr.decode().splitlines() if "EncodingWarning" in line]
    ours = (f"{Path(tito.__file__).parent}{os.sep}", f"{home.root}{os.sep}")
    assert not [line for line in warnings if line.startswith(ours)]


# --- the instructor's half ------------------------------------------------------------------------


def test_tito_never_imports_the_instructors_half(home):
    code = (
        "import tito.cli, sys, pkgutil, importlib\n"
        "for found in pkgutil.walk_packages(tito.__path__, 'tito.'): importlib.import_module(found.name)\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'autograder']"
    )
    subprocess.run([sys.executable, "-c", code], cwd=home.root, check=True)


def test_a_students_workspace_has_no_instructors_command(home):
    assert find_spec("autograder")
    help_ = home.tito("--help").out
    assert "(instructor)" not in help_
    assert " grade " not in help_
    assert home.tito("grade").code == 2


def test_the_instructors_copy_has_them(instructor):
    help_ = instructor.tito("--help").out
    assert " grade " in help_
    assert " otter " in help_


def test_without_the_course_installed(instructor, monkeypatch):
    monkeypatch.setattr("tito.extensions.COURSE", "not-installed-here")
    done = instructor.tito("--help")
    assert done.code == 0
    assert " grade " not in done.out


def test_what_the_instructors_half_says_of_a_failure(instructor, monkeypatch):
    from sqlalchemy.exc import OperationalError

    monkeypatch.setenv("TINYTORCH_GRADEBOOK", "postgresql+psycopg://tinytorch:secret@db.example/grades")
    fail(monkeypatch, OperationalError("SELECT 1", {}, Exception("connection refused\nIs the server running?")))
    done = instructor.tito("info")
    assert done.code == 3
    assert done.err.startswith(
        "tito: The gradebook at postgresql+psycopg://tinytorch:***@db.example/grades does not answer: "
        "connection refused. Details: "
    )
    assert "secret" not in done.err + log(instructor)


def test_a_file_that_hides_a_module_of_pythons(home):
    """The workspace comes before Python's own modules, for tito, notebooks and tests."""
    shutil.copytree(ROOT / "bin", home / "bin")
    shutil.copytree(ROOT / "tito", home / "tito", ignore=shutil.ignore_patterns("__pycache__"))
    (home / "random.py").write_text("print(4)\n")
    done = subprocess.run([sys.executable, "bin/tito.py", "info"], cwd=home.root, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert "A module of Python's own has this name: random.py" in done.stderr
