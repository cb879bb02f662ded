"""Everything that the course knows how to hand in, graded by nbgrader's run and by otter's: `make parity`.

    python tests/course/parity.py [--every N] [--alone] [MODULE]...

releases the modules in a course of its own, hands in the simulated class and every right, wrong and broken version, or
one in N of them all, and runs `tito otter check` over them. With --alone the course has `follow_through: false`.
"""

import argparse
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
from tito.manifest import TERM
from tito.workspace import Workspace


def hand_in(course: Workspace, source: Source, every: int) -> None:
    """Lay the class, and a student for each version, or one in `every` of them, into submitted/."""
    simulation = Simulation(source, course.root / "release" / source.module / source.path.name, FOLDER)
    found = [(one.student, one.file, one.text) for one in simulation.submissions()]
    for version in read_versions(FOLDER, source.module):
        notebook = with_cells(simulation.perfect(), source, version.cells)
        found.append((f"{version.kind}_{version.name}", source.path.name, nbformat.writes(notebook)))
    for student, file, text in found[::every]:
        _lay(course, source, student, file, text)


def _lay(course: Workspace, source: Source, student: str, file: str, text: str) -> None:
    target = course.root / "submitted" / student / source.module
    target.mkdir(parents=True)
    (target / file).write_text(text, encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=1, help="take only every N-th of them")
    parser.add_argument("--alone", action="store_true", help="follow no mistakes through")
    parser.add_argument("modules", nargs="*")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        course = fresh_course(WORKSPACE, Path(folder) / "course")
        if asked.alone:
            (course.root / TERM).write_text("follow_through: false\n", encoding="utf-8")
            course = Workspace.find(course.root)
        modules = asked.modules or course.released()
        sources = [Source.of(course, name) for name in modules]
        with nbgrader_api(course) as api:
            for source in sources:
                release_one(api, source)
                hand_in(course, source, asked.every)
        os.chdir(course.root)
        print(f"follow_through: {course.course.follow_through}", flush=True)
        return check(modules, None, None, json=False)


if __name__ == "__main__":
    sys.exit(main())
