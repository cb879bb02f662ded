"""Every command where a machine is not as one expects: it does its work, or says what helps."""

import os
import re
import subprocess
import sys

import pytest

from tito import cli
from tito.milestones import mlp_mnist
from tito.milestones.recipe import Result

COMMANDS = {  # in the order of a day
    "update": ([], "New or corrected: setup"),
    "sync": (["--module", "setup"], "written"),
    "test": (["--module", "setup"], "tests/test_setup.py: 1 passed"),
    "data": (["mnist"], "4 files in data/mnist, verified"),
    "milestone": (["mnist"], "reached"),
    "submit": (["--module", "setup"], "SHA-256"),
    "rescue": (["--module", "tensor"], "tinytorch/core/tensor.py is the published solution now"),
    "reset": (["--module", "setup"], "is as it was released"),
    "restore": ([], "setup_dev.backup-"),
    "info": ([], "Next step"),
}


@pytest.fixture
def odd(home, course, tmp_path, monkeypatch):
    """A workspace with work in it and an update to come, in an odd folder, of somebody without a home or a name.

    IPython has a start-up file there, after which no notebook is as it was.
    """
    (course / "published").mkdir()
    (course / "published/tensor.py").write_text("def quadruple(x):\n    return 4 * x\n")
    home.commit(course, "publish")
    home.git(home.root, "pull", "--quiet")
    home.solve("setup")
    home.commit(home.root, "my work")
    home.correct(course, title="# Better")
    given = tmp_path / "given"
    given.mkdir()
    for name, content in home.dataset(monkeypatch).items():
        (given / name).write_bytes(content)
    root = home.root.with_name("Über alles")
    monkeypatch.chdir(tmp_path)  # Windows renames no folder that somebody is in
    home.root.rename(root)
    home.root = root
    monkeypatch.chdir(root)
    monkeypatch.setattr(mlp_mnist, "run", lambda data, report, epochs=1: Result(0.97, 0.95, 4.5, epochs, 101_770))
    monkeypatch.setenv("TINYTORCH_DATA", str(given))
    startup = tmp_path / "ipython/profile_default/startup/first.py"
    startup.parent.mkdir(parents=True)
    startup.write_text("import math\nmath.pi = 3\n")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("HOME", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("EMAIL", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "MPLCONFIGDIR"):
        monkeypatch.delenv(name, raising=False)
    home.git(root, "config", "user.useConfigOnly", "true")  # on other machines git makes up a name
    return home


def test_every_command_is_here():
    assert set(COMMANDS) == {
        command.name or command.callback.__name__ for command in cli.students_commands if not command.hidden
    }


def test_every_command_does_its_work(odd):
    for name, (arguments, said) in COMMANDS.items():
        done = odd.tito(name, *arguments)
        assert (name, done.code, done.err) == (name, 0, "")
        assert said in done.out


def test_every_command_does_its_work_where_nobody_reads_what_it_says(odd):
    """As in `tito reset --module setup | head -1`: what is done does not depend on what is read."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "tito.cli"]
    with os.fdopen(write, "wb") as nobody:
        for name in ("update", "sync", "submit", "rescue", "reset", "restore", "info"):
            arguments = COMMANDS[name][0]
            done = subprocess.run([*command, name, *arguments], stdout=nobody, stderr=subprocess.PIPE)
            assert (name, done.returncode, done.stderr) == (name, 0, b"")
        wrong = [*command, "submit", "--module", "tensorr"]
        assert subprocess.run(wrong, stdout=nobody, stderr=nobody).returncode == 2
        assert subprocess.run([*command, "test", "--module", "mlp"], stdout=nobody, stderr=nobody).returncode == 1
    assert "# Better" in (odd / ".tito/released/setup/setup_dev.ipynb").read_text()
    assert odd.path("setup").read_bytes() == (odd / ".tito/released/setup/setup_dev.ipynb").read_bytes()
    assert (odd / "tinytorch/core/setup.py").is_file()
    assert (odd / "tinytorch/core/tensor.py").read_text().startswith("# RESCUED")
    assert re.match(r"setup-.*\.zip", "".join(path.name for path in (odd / "submissions").glob("*.zip")))


@pytest.mark.parametrize("name", ["data", "milestone"])
def test_what_fetches_or_trains_does_its_work_where_nobody_reads(odd, monkeypatch, name):
    """In this process, where the data sets are small ones."""
    read, write = os.pipe()
    os.close(read)
    if name == "milestone":
        assert odd.tito("data", "mnist").code == 0
    with os.fdopen(write, "w", encoding="utf-8") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        monkeypatch.setattr(sys, "__stdout__", nobody)
        with pytest.raises(SystemExit) as end:
            cli.main([name, "mnist"])
        assert not end.value.code
    assert len(list((odd / "data/mnist").iterdir())) == 4
