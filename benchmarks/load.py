"""Scores do not depend on the load: the demonstration's class, quiet, then twice with `--jobs 8` beside four CPU hogs;
and a right submission in one run with three that never end.

    python benchmarks/load.py [MODULE...]          # by default setup and tensor; on an otherwise quiet machine

Exit code 1 if a score is another one, or if somebody's points differ from what was due. Printed lines: load.log.
"""

import contextlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from autograder.demo.course import fresh_course, hand_in
from autograder.engine.pool import HERE, Options
from autograder.gradebook.api import nbgrader_api
from autograder.grading.pipeline import Selection, grade_module
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.notebooks import grade_id
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
    print(f"  {len(rows)} graded in {time.monotonic() - started:.0f} s, load {os.getloadavg()[0]:.1f}", flush=True)
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


def among_hogs(course: Workspace, module: str) -> int:
    """1 if a right submission loses points in a run with three that never end. The class has handed in."""
    source, folder = Source.of(course, module), course.root / "submitted"
    for other in folder.iterdir():
        if other.name != "ada":
            shutil.rmtree(other)
    notebook = nbformat.read(folder / "ada" / module / source.path.name, 4)
    at = next(index for index, cell in enumerate(notebook.cells) if grade_id(cell) in source.check_cells)
    notebook.cells.insert(at, new_code_cell("while True:\n    pass"))
    for hog in ("hog-1", "hog-2", "hog-3"):
        (folder / hog / module).mkdir(parents=True)
        nbformat.write(notebook, folder / hog / module / source.path.name)
    print(f"{module}: a right submission beside three that never end")
    points, due = grade(source, Options(jobs=4))["ada"], sum(map(source.points, source.check_cells))
    lost = not isinstance(points, dict) or sum(points.values()) != due
    print(f"  it has {'not ' * lost}the {due:g} points that are due")
    return int(lost)


if __name__ == "__main__":
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        made, modules = fresh_course(Workspace.find(ROOT), Path(folder, "course")), sys.argv[1:] or ["setup", "tensor"]
        wrong = sum(compare(made, module) for module in modules) + among_hogs(made, modules[0])
    sys.exit(1 if wrong else 0)
