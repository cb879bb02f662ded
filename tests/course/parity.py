"""Everything that the course knows how to hand in, graded by nbgrader's run and by otter's: `make parity`.

`python tests/course/parity.py [MODULE]...` releases the modules in a course of its own, hands in the simulated class
and every right, wrong and broken version, and runs `tito otter check` over them.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from versions import FOLDER, WORKSPACE

from autograder.commands.otter import check
from autograder.demo.course import fresh_course
from autograder.demo.simulate import Simulation
from autograder.demo.versions import read_versions, with_cells
from autograder.gradebook.api import nbgrader_api
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.workspace import Workspace


def hand_in(course: Workspace, source: Source) -> None:
    """Lay the class, and a student for each version, into submitted/."""
    simulation = Simulation(source, course.root / "release" / source.module / source.path.name, FOLDER)
    for submission in simulation.submissions():
        _lay(course, source, submission.student, submission.file, submission.text)
    for version in read_versions(FOLDER, source.module):
        notebook = with_cells(simulation.perfect(), source, version.cells)
        _lay(course, source, f"{version.kind}_{version.name}", source.path.name, nbformat.writes(notebook))


def _lay(course: Workspace, source: Source, student: str, file: str, text: str) -> None:
    target = course.root / "submitted" / student / source.module
    target.mkdir(parents=True)
    (target / file).write_text(text, encoding="utf-8")


def main(modules: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        course = fresh_course(WORKSPACE, Path(folder) / "course")
        modules = modules or course.released()
        sources = [Source.of(course, name) for name in modules]
        with nbgrader_api(course) as api:
            for source in sources:
                release_one(api, source)
                hand_in(course, source)
        os.chdir(course.root)
        return check(modules, None, None, json=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
