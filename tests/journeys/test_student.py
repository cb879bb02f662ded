"""A student's way: the guide, word for word, from an empty .venv in a workspace that was cloned from the kit."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.demo.simulate import Simulation
from autograder.judging.source import Source
from tito.workspace import Workspace


def shell(command: str, folder, code: int = 0) -> str:
    """Output of a line typed into bash, which must end with the exit code `code`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as at home
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == code, f"$ {command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def home(clone, tmp_path_factory, pytestconfig):
    """The folder that holds the student's TinyTorch, cloned, with its environment made as setup/README.md says."""
    tito = f"{sys.executable} bin/tito.py"
    shell(f"{tito} release && {tito} kit", clone)
    home = tmp_path_factory.mktemp("student")
    shell(f"git clone --quiet {clone}/dist/TinyTorch TinyTorch", home)
    shell(f"{sys.executable} -m venv .venv", home / "TinyTorch")
    if not pytestconfig.getoption("thorough"):
        lay_in_packages(home / "TinyTorch")
    shell(". .venv/bin/activate && python -m pip install --quiet -r requirements.txt", home / "TinyTorch")
    return home


def lay_in_packages(workspace) -> None:
    """Put the pinned packages into .venv from uv's cache, where uv can: pip then finds them, and needs no minute."""
    pins = [line for line in (workspace / "requirements.txt").read_text().splitlines() if not line.startswith("-e")]
    (workspace.parent / "pins.txt").write_text("\n".join(pins))
    uv = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--python", workspace / ".venv"]
    subprocess.run([*uv, "--requirement", workspace.parent / "pins.txt"], capture_output=True, timeout=300)


def test_setup_readme_names_the_commands_used_here(home):
    text = (home / "TinyTorch/modules/setup/README.md").read_text()
    for command in ("-m venv .venv", "source .venv/bin/activate", "python -m pip install -r requirements.txt"):
        assert command in text


def in_env(home, command: str, code: int = 0) -> str:
    return shell(f"cd TinyTorch\nsource .venv/bin/activate\n{command}", home, code)


def test_the_untouched_workspace_says_what_to_do(home):
    assert "Next step" in in_env(home, "python bin/tito.py info")
    assert "❌" in in_env(home, "python modules/setup/check_setup.py", code=1)
    assert "Not passed yet: setup" in in_env(home, "python bin/tito.py test --module setup", code=1)


def test_every_command_of_the_guide(home, clone):
    solve(clone, home)
    assert "setup" in in_env(home, "python bin/tito.py sync")
    assert "❌" not in in_env(home, "python modules/setup/check_setup.py")
    for command in dict.fromkeys(guide_commands(home)):  # each once
        shell(f"cd TinyTorch && source .venv/bin/activate && {command}", home)
    for command in ("tito sync", "tito test --module mlp", "python bin/tito.py --help", "tito submit --module tensor"):
        in_env(home, command)


def solve(clone, home) -> None:
    workspace = Workspace.find(clone)
    for name in workspace.released():
        source = Source.of(workspace, name)
        released = home / "TinyTorch" / "modules" / name / source.path.name
        nbformat.write(Simulation(source, released, clone / "tests/course/versions").perfect(), released)


def guide_commands(home) -> list[str]:
    """The command lines of the guide's code blocks and workflow, as a student would type them."""
    text = (home / "TinyTorch/README.md").read_text()
    lines = [line for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    lines += re.findall(r"`(python (?:bin|modules)/[^`\[]*)`", text)
    lines = [line.partition("  #")[0].strip() for line in lines]
    commands = [line for line in lines if line and not line.startswith(("#", "cd ", "source "))]
    assert len(commands) >= 10
    return commands
