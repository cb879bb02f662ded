"""A student's way: the guide, word for word, from an empty .venv in a workspace that was cloned from the kit."""

import re

import nbformat

from autograder.demo.simulate import Simulation
from autograder.judging.source import Source
from tito.workspace import Workspace


def test_setup_readme_names_the_commands_used_here(student):
    text = (student.workspace / "modules/setup/README.md").read_text()
    for command in ("-m venv .venv", "source .venv/bin/activate", "python -m pip install -r requirements.txt"):
        assert command in text


def test_the_untouched_workspace_says_what_to_do(student):
    assert "Next step" in student.in_env("python bin/tito.py info")
    assert "❌" in student.in_env("python modules/setup/check_setup.py", code=1)
    assert "Not passed yet: setup" in student.in_env("python bin/tito.py test --module setup", code=1)


def test_every_command_of_the_guide(student, clone):
    solve(clone, student)
    assert "setup" in student.in_env("python bin/tito.py sync")
    assert "❌" not in student.in_env("python modules/setup/check_setup.py")
    for command in dict.fromkeys(guide_commands(student)):  # each once
        student.in_env(command)
    for command in ("tito sync", "tito test --module mlp", "python bin/tito.py --help", "tito submit --module tensor"):
        student.in_env(command)


def solve(clone, student) -> None:
    workspace = Workspace.find(clone)
    for name in workspace.released():
        source = Source.of(workspace, name)
        released = student.workspace / "modules" / name / source.path.name
        nbformat.write(Simulation(source, released, clone / "tests/course/versions").perfect(), released)


def guide_commands(student) -> list[str]:
    """The command lines of the guide's code blocks and workflow, as a student would type them."""
    text = (student.workspace / "README.md").read_text()
    lines = [line for block in re.findall(r"```bash\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    lines += re.findall(r"`(python (?:bin|modules)/[^`\[]*)`", text)
    lines = [line.partition("  #")[0].strip() for line in lines]
    commands = [line for line in lines if line and not line.startswith(("#", "cd ", "source "))]
    assert len(commands) >= 10
    return commands
