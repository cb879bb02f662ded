"""Scores do not depend on the load: the demonstration's class, quiet, then twice with `--jobs 8` beside four CPU hogs.

    python benchmarks/load.py [MODULE...]          # by default setup and tensor; on an otherwise quiet machine

Exit code 1 if a score is another one, or if somebody's points differ from what was due.
"""

import contextlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.demo.course import fresh_course, hand_in
from autograder.engine.pool import HERE, Options
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Selection, grade_module
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
HOGS, ROUNDS = 4, 2


@contextlib.contextmanager
def hogs(count: int) -> Iterator[None]:
    """Processes that take all the CPU they get."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for one in started:
            one.kill()
            one.wait()


def grade(source: Source, options: Options) -> dict[str, dict[str, float] | str | None]:
    """student → points, or why there are none."""
    started = time.monotonic()
    rows = grade_module(source, Selection(force=True, accept=True), options)
    print(f"  {len(rows)} graded in {time.monotonic() - started:.0f} s")
    return {row.student: row.cells or row.trouble for row in rows}


def compare(course: Workspace, module: str) -> int:
    """How many students' scores are others under load than in a quiet run."""
    source = Source.of(course, module)
    with nbgrader_api(course) as api:
        release_one(api, source)
    due = {one.student: one.due for one in hand_in(course, source, ROOT / "tests" / "course" / "versions")}
    print(f"{module}: quiet, then {ROUNDS} times beside {HOGS} hogs")
    quiet, wrong = grade(source, HERE), set()
    wrong |= {who for who, cells in quiet.items() if isinstance(cells, dict) and sum(cells.values()) != due[who]}
    for _ in range(ROUNDS):
        with hogs(HOGS):
            loaded = grade(source, Options(jobs=8))
        wrong |= {student for student in quiet if loaded[student] != quiet[student]}
    print(f"  {len(wrong)} differ: {', '.join(sorted(wrong)) or 'nobody'}")
    return len(wrong)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = fresh_course(Workspace.find(ROOT), Path(folder, "course"))
        sys.exit(1 if sum(compare(made, module) for module in sys.argv[1:] or ["setup", "tensor"]) else 0)
