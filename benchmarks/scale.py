"""What a large course costs where nothing has changed: 250, then 1,000 students in 13 modules in one gradebook.

    python benchmarks/scale.py [STUDENTS...] [MODULE...]          # by default 250 1000, in all modules; 3 GB

One student's work is graded for real, in every module. The others get copies of its files and rows, in nbgrader's
tables and the course's own, and pages with the notes that `tito feedback` leaves beside them. Then each command runs
twice in a process of its own; the second run counts. Seconds are of CPU. Exit code 1 if a command takes more than 1 ms
a submission beyond what it takes for one student, or if its time grows faster than the class. Printed lines: scale.log.
"""

import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import sqlalchemy as sa
from nbgrader.api import Base

from autograder.demo.course import fresh_course
from autograder.demo.simulate import Simulation
from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.tables import METADATA
from autograder.grading.pipeline import grade_module
from autograder.handing_back import unchanged
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
FIRST, LIMIT, SLACK = "s0000", 1.0, 1.3
COMMANDS = (["grade"], ["report"], ["feedback"], ["grades", "export", "--for", "canvas"])


def one_student(folder: Path, modules: list[str]) -> tuple[Workspace, list[str]]:
    """A course in which one student has handed in everything, and was graded and given pages."""
    course = fresh_course(Workspace.find(ROOT), folder)
    modules = modules or course.released()
    for module in modules:
        source = Source.of(course, module)
        with nbgrader_api(course) as api:
            release_one(api, source)
        release = folder / "release" / module / source.path.name
        perfect = Simulation(source, release, ROOT / "tests" / "course" / "versions").submissions()[0]
        place = folder / "submitted" / FIRST / module
        place.mkdir(parents=True)
        (place / source.path.name).write_text(perfect.text, encoding="utf-8")
        grade_module(source)
    run(course, ["feedback", *modules])
    return course, modules


def copies(course: Workspace, modules: list[str], students: list[str]) -> None:
    """Let `students` have done just what the first one has."""
    for station in ("submitted", "autograded", "feedback"):
        for student in students:
            shutil.copytree(course.root / station / FIRST, course.root / station / student, copy_function=os.link)
    engine = sa.create_engine(f"sqlite:///{course.root}/gradebook.db")
    with engine.begin() as connection:
        _copy_rows(connection, students)
    engine.dispose()
    with nbgrader_api(course) as api, api.gradebook as gradebook:
        for module in modules:
            source = Source.of(course, module)
            for student, key in unchanged.keys(gradebook, source, students).items():
                place = course.root / "feedback" / student / module
                note = unchanged.note(key, (place / f"{source.path.stem}.html").read_bytes())
                (place / unchanged.MADE_FROM).unlink()
                (place / unchanged.MADE_FROM).write_bytes(note or b"")


def _copy_rows(connection: sa.Connection, students: list[str]) -> None:
    tables = Base.metadata.tables
    student, submission, notebook = (tables[name] for name in ("student", "submitted_assignment", "submitted_notebook"))

    def of(table, condition) -> list[dict]:
        return [dict(row) for row in connection.execute(sa.select(table).where(condition)).mappings()]

    submissions = of(submission, submission.c.student_id == FIRST)
    notebooks = of(notebook, notebook.c.assignment_id.in_([row["id"] for row in submissions]))
    ids = [row["id"] for row in notebooks]
    leaves = {table: of(table, table.c.notebook_id.in_(ids)) for table in (tables["grade"], tables["comment"])}
    own = {table: of(table, table.c.student == FIRST) for table in METADATA.sorted_tables if "student" in table.c}
    (who,) = of(student, student.c.id == FIRST)
    for one in students:
        new = {row["id"]: uuid.uuid4().hex for row in (*submissions, *notebooks)}
        connection.execute(student.insert(), who | {"id": one})
        connection.execute(
            submission.insert(), [row | {"id": new[row["id"]], "student_id": one} for row in submissions]
        )
        changed = [row | {"id": new[row["id"]], "assignment_id": new[row["assignment_id"]]} for row in notebooks]
        connection.execute(notebook.insert(), changed)
        for table, rows in leaves.items():
            made = [row | {"id": uuid.uuid4().hex, "notebook_id": new[row["notebook_id"]]} for row in rows]
            connection.execute(table.insert(), made)
        for table, rows in own.items():
            if rows:
                connection.execute(table.insert(), [row | {"student": one} for row in rows])


def run(course: Workspace, command: list[str]) -> float:
    """Seconds of CPU that a command takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    tito = Path(sys.executable).with_name("tito")
    done = subprocess.run([tito, *command], cwd=course.root, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(course: Workspace, modules: list[str]) -> dict[str, float]:
    """command → seconds where nothing has changed."""
    found = {}
    for command in COMMANDS:
        words = [*command, *modules]
        run(course, words)
        found[" ".join(command)] = run(course, words)
    return found


def main() -> int:
    sizes = [int(text) for text in sys.argv[1:] if text.isdecimal()] or [250, 1000]
    chosen = [text for text in sys.argv[1:] if not text.isdecimal()]
    with tempfile.TemporaryDirectory() as folder:
        course, modules = one_student(Path(folder) / "course", chosen)
        print(f"{len(modules)} modules, {os.cpu_count()} cores, Python {platform.python_version()}", flush=True)
        times = {1: measured(course, modules)}
        made = 1
        for size in sizes:
            copies(course, modules, [f"s{number:04}" for number in range(made, size)])
            made = size
            times[size] = measured(course, modules)
        return report(times, len(modules))


def report(times: dict[int, dict[str, float]], modules: int) -> int:
    """Print the table. Returns the exit code."""
    faults = 0
    print(f"{'seconds of CPU, students:':34}" + "".join(f"{size:>9}" for size in times) + "   ms a submission")
    for command, alone in times[1].items():
        each = {
            size: 1000 * (found[command] - alone) / (size - 1) / modules for size, found in times.items() if size > 1
        }
        shown = "".join(f"{found[command]:9.1f}" for found in times.values())
        print(f"{'tito ' + command:34}{shown}   {', '.join(f'{one:.2f}' for one in each.values())}")
        first, last = next(iter(each.values())), list(each.values())[-1]
        faults += last > LIMIT or last > SLACK * max(first, 0.1)
    print(f"above {LIMIT:g} ms a submission, or growing faster than the class: {faults}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
