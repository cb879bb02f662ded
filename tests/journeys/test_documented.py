"""The commands of the handbooks, typed one after the other in a course with one student's work."""

import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from documented import TYPED

from autograder.demo.simulate import Simulation
from autograder.judging.source import Source
from tito.workspace import Workspace

HAND_IN = "ada+setup+2026-11-25 10:15:00.000000 UTC+a1b2"


@pytest.fixture(scope="module")
def course(clone, tmp_path_factory, shell):
    """A course under git, a student's clone of its kit, and what that student handed in."""
    home = tmp_path_factory.mktemp("documented")
    root = home / "course"
    shutil.copytree(clone, root, ignore=shutil.ignore_patterns("dist", "release", "gradebook.db"))
    shell(f"{sys.executable} bin/tito.py release setup && {sys.executable} bin/tito.py kit", root)
    shell(f"git clone -q {root}/dist/TinyTorch student && git init -q --bare -b main remote && mkdir backup", home)
    source, inbound = Source.of(Workspace.find(root), "setup"), home / "inbound" / HAND_IN
    inbound.mkdir(parents=True)
    released = root / "release" / "setup" / source.path.name
    nbformat.write(Simulation(source, released, root / "tests/course/versions").perfect(), inbound / source.path.name)
    return root


@pytest.mark.needs("files")
def test_the_commands_of_the_handbooks(course, shell):
    places = {name: str(course.parent / name.lower()) for name in ("INBOUND", "STUDENT", "REMOTE", "BACKUP")}
    for command, code in TYPED.values():
        for name, place in places.items():
            command = command.replace(name, place)
        shell(command.replace("tito ", f"{sys.executable} bin/tito.py "), course, code)
    assert (course / "autograded/ada/setup/setup_dev.ipynb").is_file()
    assert shell("git -C dist/TinyTorch status --short --branch", course).startswith("## main")


def test_make_quick_finds_every_test_that_it_lists(shell):
    """pytest runs none of them if it does not find one."""
    shell(f"{sys.executable} -m pytest -n 0 --collect-only @tests/quick.txt", Path(__file__).parents[2])
