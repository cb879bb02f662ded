"""What a large course costs where nothing has changed: 100, 400 and 1,000 students in 13 modules in one gradebook.

    python benchmarks/scale.py [STUDENTS...] [MODULE...]          # by default 100 400 1000, in all modules; 4 GB

Four students' work is graded for real, in every module; one of the four was late. The others get copies of their files
and rows, in nbgrader's tables and the course's own, with code of their own in each answer, pages with the notes that
`tito feedback` leaves beside them, and what `tito grade` and `tito report` keep of files that they have read. Then each
command runs three times in a process of its own; the first run does not count, and of the others the shorter one does.
Seconds are of CPU.

Exit code 1 if a command takes more than 1 ms a submission, beyond what it takes for four students or from one class of
100 or more to the next; or if its time grows faster than the class, that is, if a submission costs 1.3 times as much on
average, beyond what four students take, in the largest class as in the one before it. Among smaller classes all
submissions together take little more than the start of Python varies, so nothing can be told from them.
Printed lines: scale.log.
"""

import functools
import itertools
import json
import os
import platform
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from nbgrader.api import Base

from autograder.demo.course import fresh_course
from autograder.demo.simulate import Simulation
from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.record import checksum_of
from autograder.gradebook.tables import GRADED, METADATA
from autograder.grading.looks import YOUNG, Looks, look
from autograder.grading.pipeline import grade_module
from autograder.handing_back import unchanged
from autograder.handing_out.release import release_one
from autograder.intake.submitted import SEEN
from autograder.intake.times import STAMP
from autograder.judging.source import Source
from autograder.pages import findings
from autograder.pages.alike import added_code, tokens
from tito.manifest import TERM
from tito.notebooks import is_stub, read
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
MODELS = ("ada", "grace", "bert", "kim")  # of the simulated class: two are right, one is wrong, one lost a graded cell
DUE, IN_TIME, LATE = "2026-10-05T12:00:00Z", "2026-10-04 12:00:00 UTC", "2026-10-06 13:00:00 UTC"
OWN = "OWN-CODE"
LIMIT, SLACK = 1.0, 1.3
NOISE = 0.1  # ms a submission
A_CLASS = 100  # students; in fewer, the time of one submission is lost in that of the start
LINES = 8  # of code that only one student has, in each answer
COMMANDS = (["grade"], ["report"], ["feedback"], ["grades", "export", "--for", "canvas"])


def few_students(folder: Path, modules: list[str]) -> tuple[Workspace, list[str]]:
    """A course in which the models have handed in everything, and were graded and given pages."""
    course = fresh_course(Workspace.find(ROOT), folder)
    modules = modules or course.released()
    rows = "".join(f"  {module}: {{due: {DUE}}}\n" for module in modules)
    (folder / TERM).write_text(f"late: {{percent_per_day: 10}}\nmodules:\n{rows}")
    course = Workspace.find(folder)
    for module in modules:
        source = Source.of(course, module)
        with nbgrader_api(course) as api:
            release_one(api, source)
        release = folder / "release" / module / source.path.name
        for one in Simulation(source, release, ROOT / "tests" / "course" / "versions").submissions():
            if one.student in MODELS:
                place = folder / "submitted" / one.student / module
                place.mkdir(parents=True)
                (place / source.path.name).write_text(one.text, encoding="utf-8")
                (place / STAMP).write_text(LATE if one.student == MODELS[-1] else IN_TIME)
        grade_module(source)
    run(course, ["feedback", *modules])
    return course, modules


def copies(course: Workspace, modules: list[str], students: list[str]) -> None:
    """Let each of `students` have done what a model has, with some code of their own."""
    like = dict(zip(students, itertools.cycle(MODELS), strict=False))
    with tempfile.TemporaryDirectory(dir=course.root) as place:  # a link changes the time of all links to a file
        for station, model in itertools.product(("submitted", "autograded", "feedback"), MODELS):
            shutil.copytree(course.root / station / model, Path(place, station, model))
        for station, (student, model) in itertools.product(("submitted", "autograded", "feedback"), like.items()):
            shutil.copytree(Path(place, station, model), course.root / station / student, copy_function=os.link)
    sources = [Source.of(course, module) for module in modules]
    made = {(source.module, student): checksum for source in sources for student, checksum in _own_code(source, like)}
    engine = sa.create_engine(f"sqlite:///{course.root}/gradebook.db")
    with engine.begin() as connection:
        for model in MODELS:
            _copy_rows(connection, model, [student for student, other in like.items() if other == model])
        for (module, student), checksum in made.items():
            theirs = (GRADED.c.module == module) & (GRADED.c.student == student)
            connection.execute(GRADED.update().where(theirs).values(notebook=checksum))
    engine.dispose()
    with nbgrader_api(course) as api, api.gradebook as gradebook:
        for source in sources:
            there = unchanged.on_disk(source, students)
            for student, key in unchanged.keys(gradebook, source, there).items():
                noted = course.root / "feedback" / student / source.module / unchanged.MADE_FROM
                noted.unlink()
                noted.write_text(unchanged.note(key, there[student].page or ""))
    time.sleep(2 * YOUNG)
    for source in sources:
        _seen(source, like)


def _own_code(source: Source, like: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Write code that only one student has into each answer. Yields the student, and the checksum of the notebook."""
    home = source.workspace.root / "autograded"
    models = {model: _with_places(home / model / source.module / source.path.name) for model in MODELS}
    for student, model in like.items():
        own = iter(_lines(source, student))
        first, *rest = models[model]
        text = "".join([first, *(part for after in rest for part in ("\\n".join(next(own)), after))]).encode()
        path = home / student / source.module / source.path.name
        path.unlink()
        path.write_bytes(text)
        yield student, checksum_of(text)


def _with_places(path: Path) -> list[str]:
    """The text of a notebook, in the parts between which more code of each answer has its place."""
    notebook = read(path)
    for cell in filter(is_stub, notebook.cells):
        cell.source += f"\n{OWN}"
    return json.dumps(notebook, ensure_ascii=False).split(OWN)


def _lines(source: Source, student: str) -> Iterator[list[str]]:
    """The lines of code that a student has alone, for one answer after the other."""
    chance = random.Random(f"{student} {source.module}")
    while True:
        yield [f"own = {chance.randrange(99)} {chance.choice('+-*/%')} len(own)" for _ in range(LINES)]


def _seen(source: Source, like: dict[str, str]) -> None:
    """Note what `tito grade` and `tito report` would when they had read each notebook once. To read them takes most of
    a first run, and a first run is not what is measured. One student's is compared with what a report finds.
    """
    root = source.workspace.root
    graded, reported = (_looks(root / SEEN / kind / f"{source.module}.json") for kind in ("graded", "reported"))
    answers = {
        model: added_code(read(root / "autograded" / model / source.module / source.path.name), source)
        for model in MODELS
    }
    for student, model in like.items():
        lies, found = look(*_places(source, student)), reported.known[model]["found"]
        own = {
            cell: {
                "tokens": found["answers"][cell]["tokens"] + "".join(map(_tokens, lines)),
                "text": checksum_of(" ".join("\n".join([code, *lines]).split()).encode()),
            }
            for (cell, code), lines in zip(answers[model].items(), _lines(source, student), strict=False)
        }
        graded.note(student, lies, graded.known[model]["found"])
        reported.note(student, lies, found | {"answers": own})
    one = next(iter(like))
    assert asdict(findings._findings(source, *_places(source, one))) == reported.known[one]["found"], source.module
    graded.keep()
    reported.keep()


def _places(source: Source, student: str) -> list[Path]:
    return [source.workspace.root / station / student / source.module for station in ("submitted", "autograded")]


def _looks(path: Path) -> Looks:
    return Looks(path, json.loads(path.read_bytes())["about"])


@functools.cache
def _tokens(line: str) -> str:
    return "".join(f"{token} " for token in tokens(line))


def _copy_rows(connection: sa.Connection, model: str, students: list[str]) -> None:
    tables = Base.metadata.tables
    student, submission, notebook = (tables[name] for name in ("student", "submitted_assignment", "submitted_notebook"))

    def of(table, condition) -> list[dict]:
        return [dict(row) for row in connection.execute(sa.select(table).where(condition)).mappings()]

    submissions = of(submission, submission.c.student_id == model)
    notebooks = of(notebook, notebook.c.assignment_id.in_([row["id"] for row in submissions]))
    ids = [row["id"] for row in notebooks]
    leaves = {table: of(table, table.c.notebook_id.in_(ids)) for table in (tables["grade"], tables["comment"])}
    own = {table: of(table, table.c.student == model) for table in METADATA.sorted_tables if "student" in table.c}
    (who,) = of(student, student.c.id == model)
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
        first, found[" ".join(command)] = run(course, words), min(run(course, words), run(course, words))
        print(f"    tito {' '.join(command)}: first {first:.1f} s, then {found[' '.join(command)]:.1f} s", flush=True)
    return found


def main() -> int:
    sizes = [int(text) for text in sys.argv[1:] if text.isdecimal()] or [100, 400, 1000]
    chosen = [text for text in sys.argv[1:] if not text.isdecimal()]
    with tempfile.TemporaryDirectory() as folder:
        course, modules = few_students(Path(folder) / "course", chosen)
        print(f"{len(modules)} modules, {os.cpu_count()} cores, Python {platform.python_version()}", flush=True)
        made, times = len(MODELS), {len(MODELS): measured(course, modules)}
        for size in sizes:
            copies(course, modules, [f"s{number:04}" for number in range(made, size)])
            print(f"{size} students", flush=True)
            made, times[size] = size, measured(course, modules)
        return report(times, len(modules))


def report(times: dict[int, dict[str, float]], modules: int) -> int:
    """Print the table, with the straight line that fits best. Returns the exit code."""
    faults, counts = 0, [size * modules for size in times]
    classes = [place for place, size in enumerate(times) if size >= A_CLASS]
    shown = "".join(f"{size:>8}" for size in times)
    print(f"{'seconds of CPU, students:':34}{shown}   ms a submission more    all     line: ms a submission, off by")
    for command in COMMANDS:
        found = [row[" ".join(command)] for row in times.values()]
        more = [1000 * (found[i + 1] - found[i]) / (counts[i + 1] - counts[i]) for i in range(len(found) - 1)]
        average = [
            1000 * (took - found[0]) / (count - counts[0]) for took, count in zip(found[1:], counts[1:], strict=True)
        ]
        slope, start = np.polyfit(counts, found, 1)
        off = max(abs(took - start - slope * count) for took, count in zip(found, counts, strict=True)) / found[-1]
        seconds = "".join(f"{took:8.1f}" for took in found)
        shown = ", ".join(f"{one:.2f}" for one in more)
        print(
            f"{'tito ' + ' '.join(command):34}{seconds}   {shown:22} {average[-1]:5.2f}   "
            f"{1000 * slope:.2f}, {100 * off:.0f} %"
        )
        between = [more[place] for place in classes[:-1]]  # from one class to the next
        grows = len(between) > 0 and average[-1] > SLACK * max(average[-2], NOISE)
        faults += grows or max([average[-1], *between]) > LIMIT
    print(f"above {LIMIT:g} ms a submission, or growing faster than the class: {faults}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
