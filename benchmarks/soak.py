"""A thousand submissions in one run of `tito grade`: nothing grows, nothing is left behind.

    python benchmarks/soak.py [SUBMISSIONS] | tee benchmarks/soak.log

Claims: the grader's memory and open files stay what they are after the first hundred, no process is left, and a
submission of the last hundred costs as much CPU as one of the first, within 10 % of the median. Last result: soak.log.
"""

import itertools
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from autograder.demo.course import fresh_course
from autograder.demo.simulate import Simulation
from autograder.engine import process
from autograder.gradebook import record
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import grade_module
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.workspace import Workspace

MANY = int(sys.argv[1]) if sys.argv[1:] else 1000
MODULE = "setup"
TICK = os.sysconf("SC_CLK_TCK")


def cpu_of(pid: int) -> float:
    """Seconds of CPU of a process and of all its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICK


def state() -> dict[str, int]:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    zygote = process._zygote().process.pid
    children = Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()
    return {
        "memory, MB": pages * os.sysconf("SC_PAGE_SIZE") // 2**20,
        "open files": len(os.listdir("/proc/self/fd")),
        "open files of the warm process": len(os.listdir(f"/proc/{zygote}/fd")),
        "processes below it": len(children),
    }


def main() -> None:
    home, rows, costs = Workspace.find(Path(__file__)), [], []
    with tempfile.TemporaryDirectory() as folder:
        course = fresh_course(home, Path(folder) / "course")
        source = Source.of(course, MODULE)
        with nbgrader_api(course) as api:
            release_one(api, source)
        release = course.root / "release" / MODULE / source.path.name
        handed_in = Simulation(source, release, home.root / "tests" / "course" / "versions").submissions()
        kinds = [one for one in handed_in if one.due is not None and "endless" not in one.what]
        for number, one in zip(range(MANY), itertools.cycle(kinds), strict=False):
            target = course.root / "submitted" / f"s{number:05}" / MODULE
            target.mkdir(parents=True)
            (target / source.path.name).write_text(one.text, encoding="utf-8")
        save, last = record.Book.save, [0.0]

        def counted(*arguments):
            made = save(*arguments)
            now = cpu_of(os.getpid()) + cpu_of(process._zygote().process.pid)
            costs.append(now - last[0])
            last[0] = now
            if len(costs) % 100 == 0:
                rows.append(state())
                print(f"{len(costs):6}", *(f"{value:10}" for value in rows[-1].values()), flush=True)
            return made

        record.Book.save = counted
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {MANY} submissions of {MODULE}")
        print(f"{'':6}", *(f"{name:>10}" for name in ("MB", "files", "files", "processes")))
        results = grade_module(source)
        troubles = [result for result in results if result.trouble]
        cycle = len(kinds)  # each kind costs something else: whole cycles are compared
        first, final = (
            statistics.median(sum(some[at : at + cycle]) for at in range(0, len(some), cycle))
            for some in (costs[1 : 1 + 8 * cycle], costs[-8 * cycle :])
        )
        print(f"CPU of {cycle} submissions, one of each kind, medians: {first:.2f} s at first, {final:.2f} s at last")
        print(f"ratio {final / first:.3f}; {len(troubles)} not graded")


if __name__ == "__main__":
    main()
