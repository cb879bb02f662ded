"""What the journeys begin with: the course as a fresh clone has it, and a student's workspace, made from it."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """A copy of the course as it is in git, in a folder of its own."""
    folder = tmp_path_factory.mktemp("clone")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    return folder


@dataclass(frozen=True)
class Student:
    """The folder in which a student works, and what the student types there."""

    home: Path

    @property
    def workspace(self) -> Path:
        """Where the student's TinyTorch is."""
        return self.home / "TinyTorch"

    def shell(self, command: str, code: int = 0) -> str:
        """Output of lines typed into bash, which must end with the exit code `code`."""
        return shell(command, self.home, code)

    def in_env(self, command: str, code: int = 0) -> str:
        """The same in the workspace, with its environment active."""
        return self.shell(f"cd TinyTorch\nsource .venv/bin/activate\n{command}", code)

    def lay_in(self, *more: str) -> None:
        """Put the pinned packages, and more, into .venv from uv's cache, where uv can: pip then needs no minute."""
        pins = [line for line in (self.workspace / "requirements.txt").read_text().splitlines() if line[:2] != "-e"]
        (self.home / "pins.txt").write_text("\n".join([*pins, *more]))
        uv = [Path(sys.executable).with_name("uv"), "pip", "install", "--quiet", "--python", self.workspace / ".venv"]
        subprocess.run([*uv, "--requirement", self.home / "pins.txt"], capture_output=True, timeout=300)

    def install(self, package: str) -> None:
        """Install a package that the course does not ask for."""
        self.lay_in(package)
        self.in_env(f"python -m pip install --quiet {package}")


def shell(command: str, folder: Path, code: int = 0) -> str:
    """Output of lines typed into bash, which must end with the exit code `code`."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}  # as at home
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=1200
    )
    assert done.returncode == code, f"$ {command}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


@pytest.fixture(name="shell", scope="session")
def typed():
    """The function `shell`."""
    return shell


@pytest.fixture(scope="session")
def student(clone, tmp_path_factory, pytestconfig):
    """A student who cloned the kit, and made the environment as setup/README.md says."""
    tito = f"{sys.executable} bin/tito.py"
    shell(f"{tito} release && {tito} kit", clone)
    made = Student(tmp_path_factory.mktemp("student"))
    made.shell(f"git clone --quiet {clone}/dist/TinyTorch TinyTorch")
    made.shell(f"cd TinyTorch && {sys.executable} -m venv .venv")
    if not pytestconfig.getoption("thorough"):
        made.lay_in()
    made.in_env("python -m pip install --quiet -r requirements.txt")
    return made
