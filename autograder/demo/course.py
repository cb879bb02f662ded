"""The demonstration's own course: a copy of this course, in a folder that every demonstration makes anew."""

import shutil
from pathlib import Path

import yaml

from autograder.demo.simulate import HandIn, Simulation
from autograder.judging.source import Source
from tito import files
from tito.workspace import MANIFEST, UserError, Workspace

MARK = ".tinytorch-demo"
CELL_SECONDS = 3  # only the submissions that never end take so long
COMPILING = 5  # in modules that compile kernels


def fresh_course(home: Workspace, folder: Path) -> Workspace:
    """A copy of the course in `folder`, with shorter limits. Raises UserError if something else is there."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise UserError(f"{folder} holds something else; name another folder: tito demo FOLDER")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    files.write(folder / MARK, "Made by tito demo, and overwritten by the next one.\n")
    files.write(folder / MANIFEST, _manifest(home))
    shutil.copy(home.root / "nbgrader_config.py", folder)
    for path in (home.modules, home.package):
        shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    return Workspace.find(folder)


def _manifest(home: Workspace) -> str:
    content = yaml.safe_load((home.root / MANIFEST).read_text(encoding="utf-8"))
    content["limits"]["cell_seconds"] = CELL_SECONDS
    for row in content["modules"]:
        if "cell_seconds" in row.get("limits", {}):
            row["limits"]["cell_seconds"] = COMPILING
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def hand_in(course: Workspace, source: Source, versions: Path) -> list[HandIn]:
    """Let the simulated class hand in its work on a module. Returns the submissions."""
    release = course.root / "release" / source.module / source.path.name
    handed_in = Simulation(source, release, versions).submissions()
    for one in handed_in:
        target = course.root / "submitted" / one.student / source.module
        target.mkdir(parents=True)
        (target / one.file).write_text(one.text, encoding="utf-8")
    return handed_in
