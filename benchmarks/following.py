"""What following mistakes through costs: a class of 20, 10 of them perfect, graded with and without it, in turns.

    python benchmarks/following.py [MODULE]... | tee benchmarks/following.log

The other ten: one blank, one half done, and eight wrong versions, spread over the module. CPU seconds are those of this
process and of all submissions, as the kernel counts them for a control group: what is killed counts, too, and the clock
plays no role. Needs Linux, and root. Exit code 1 if it costs more than a quarter.
"""

import os
import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import nbformat

from autograder.demo.course import fresh_course
from autograder.demo.simulate import Simulation
from autograder.demo.versions import Version, read_versions, with_cells
from autograder.engine.pool import Options
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Selection, grade_module
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.workspace import Workspace

ROOT, MODULES, ROUNDS, MOST = Path(__file__).resolve().parents[1], ("mlp", "cnn"), 2, 1.25


def hand_in(course: Workspace, source: Source) -> None:
    """Lay the class into submitted/."""
    home = ROOT / "tests" / "course" / "versions"
    simulation = Simulation(source, course.root / "release" / source.module / source.path.name, home)
    wrong = read_versions(home, source.module, "wrong")
    (half_done,) = [version for version in read_versions(home, source.module, "broken") if version.name == "half_done"]

    def changed(version: Version):
        return with_cells(simulation.perfect(), source, version.cells)

    spread = wrong[:: len(wrong) // 8][:8]
    notebooks = [*[simulation.perfect()] * 10, simulation.release, changed(half_done), *map(changed, spread)]
    for number, notebook in enumerate(notebooks):
        folder = course.root / "submitted" / f"s{number:02}" / source.module
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / source.path.name)


def control_group() -> Path:
    """A control group of this process, and of all that it starts from now on."""
    homes = [home for home in ("/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup") if Path(home, "cgroup.procs").is_file()]
    group = Path(homes[0]) / f"tinytorch-{os.getpid()}"
    group.mkdir()
    (group / "cgroup.procs").write_text(str(os.getpid()))
    return group


def cpu_seconds(group: Path) -> float:
    """What a control group has used so far."""
    if (group / "cpuacct.usage").is_file():
        return int((group / "cpuacct.usage").read_text()) / 1e9
    return int((group / "cpu.stat").read_text().split()[1]) / 1e6


def measured(group: Path, course: Workspace, module: str, follow: bool) -> tuple[float, float]:
    """CPU seconds of grading the class, and the sum of its scores."""
    workspace = Workspace.find(course.root)
    workspace.__dict__["course"] = replace(workspace.course, follow_through=follow)
    before = cpu_seconds(group)
    rows = grade_module(Source.of(workspace, module), Selection(force=True), Options(jobs=1))
    return cpu_seconds(group) - before, sum(row.score or 0 for row in rows)


def main(modules: list[str]) -> int:
    dear, group = False, control_group()
    for module in modules or MODULES:
        with tempfile.TemporaryDirectory() as folder:
            course = fresh_course(Workspace.find(ROOT), Path(folder) / "course")
            source = Source.of(course, module)
            with nbgrader_api(course) as api:
                release_one(api, source)
            hand_in(course, source)
            measured(group, course, module, True)  # what comes once: expected values, imports
            turns = [
                (measured(group, course, module, False), measured(group, course, module, True)) for _ in range(ROUNDS)
            ]
        off, on = (statistics.fmean(turn[way][0] for turn in turns) for way in (0, 1))
        points = [turns[0][way][1] for way in (0, 1)]
        print(f"{module}: {off:.1f} CPU s without, {on:.1f} with: {on / off - 1:+.0%}")
        print(f"  points of the class: {points[0]:g} without, {points[1]:g} with")
        dear |= on > MOST * off
    return 1 if dear else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
