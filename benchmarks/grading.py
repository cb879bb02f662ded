"""`tito grade` and the stock `nbgrader autograde` on the same 24 submissions of mlp, in turns, isolation on.

    python benchmarks/grading.py | tee benchmarks/grading.log

Claims: scores are equal wherever nbgrader can score; on two cores at least 8 times as many submissions a second, at
least 5 times less CPU each; a clean notebook costs at most 60 ms beyond its own cells. Last result: grading.log.

The stock one has its own Execute preprocessor, a kernel for each notebook, and checks that answer at once: it can score
what visible checks decide, nothing that is hidden here, and no cell with a JUDGE block. CPU is user and system time of
everything that was started.
"""

import itertools
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook

from autograder.demo.course import fresh_course
from autograder.demo.simulate import Simulation
from autograder.demo.versions import read_versions, with_cells
from autograder.engine import zygote
from autograder.engine.execute import Job, _process_of, execute
from autograder.gradebook import record
from autograder.gradebook.api import nbgrader_api
from autograder.handing_out.release import release_one
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.jobs import job_of
from autograder.judging.judge import judge
from autograder.judging.outputs import with_verdicts
from autograder.judging.source import Source
from autograder.judging.step import run_and_judge, submitted_files
from tito import checks
from tito.notebooks import read
from tito.workspace import Workspace

MODULE, ROUNDS, MANY = "mlp", 2, 24
BIN = Path(sys.executable).parent
STOCK = """
import os, sys
from pathlib import Path
c = get_config()
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
c.CourseDirectory.root = {root!r}
c.CourseDirectory.course_id = "tinytorch"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "_*", ".*"]
c.ClearMarkScheme.enforce_metadata = False
c.ExecutePreprocessor.timeout = 60
"""


def submissions(home: Workspace, course: Workspace) -> list:
    """Notebooks: right ones, and wrong ones from all over the module."""
    source, versions = Source.of(course, MODULE), home.root / "tests" / "course" / "versions"
    perfect = Simulation(source, course.root / "release" / MODULE / source.path.name, versions).perfect()
    right, wrong = (read_versions(versions, MODULE, kind) for kind in ("right", "wrong"))
    chosen = [*right[:5], *wrong[:: len(wrong) // (MANY - 6)]]
    return [perfect, *(with_cells(perfect, source, version.cells) for version in chosen)][:MANY]


def timed(command: list, folder: Path) -> tuple[float, float]:
    """Seconds of a clock, and of CPU, that a command takes."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.monotonic() - started, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def scores(root: Path) -> dict[str, dict[str, float]]:
    with Gradebook(f"sqlite:///{root}/gradebook.db") as gradebook:
        return {
            one.student.id: {grade.name: grade.auto_score for notebook in one.notebooks for grade in notebook.grades}
            for one in gradebook.assignment_submissions(MODULE)
        }


def compare(source: Source, notebooks: list, folder: Path) -> None:
    ours, stock, disagreements = [], [], set()
    for number in range(ROUNDS):
        roots = [folder / f"{side}{number}" for side in ("ours", "stock")]
        for root in roots:
            shutil.copytree(source.workspace.root, root)
            for index, notebook in enumerate(notebooks):
                target = root / "submitted" / f"s{index}" / MODULE
                target.mkdir(parents=True)
                nbformat.write(notebook, target / f"{MODULE}_dev.ipynb")
        (roots[1] / "nbgrader_config.py").write_text(STOCK.format(root=str(roots[1])))
        turns = [(ours, "tito", "grade", roots[0]), (stock, "nbgrader", "autograde", roots[1])]
        for times, program, command, root in turns if number % 2 == 0 else reversed(turns):
            times.append(timed([BIN / program, command, MODULE], root))
        found, known = map(scores, roots)
        for student, cells in known.items():
            for name, score in cells.items():
                if score == 0 and found[student][name] and not source.judge_text(name):
                    disagreements.add((student, name))
        for root in roots:
            shutil.rmtree(root)
    print(f"{len(notebooks)} submissions of {MODULE}, {ROUNDS} times in turns, start of the program included")
    print(f"{'':18} {'tito grade':>11} {'nbgrader':>9} {'ratio':>6}")
    for unit, index in (("seconds", 0), ("CPU seconds", 1)):
        mine, theirs = (sum(row[index] for row in rows) / len(notebooks) / ROUNDS for rows in (ours, stock))
        print(f"{unit + ' each':18} {mine:11.3f} {theirs:9.3f} {theirs / mine:6.1f}")
    print(
        "cells without a JUDGE block that nbgrader gives 0 and we do not:", len(disagreements), *sorted(disagreements)
    )


def profile(source: Source, notebook) -> None:
    """What a clean submission costs, step by step."""
    text, seed = nbformat.writes(notebook), 1
    expected(source, seed)
    with tempfile.TemporaryDirectory() as folder:
        submitted = Path(folder, "submitted")
        submitted.mkdir()
        path = submitted / source.path.name
        path.write_text(text)
        book = record.Book(f"sqlite:///{source.workspace.root}/gradebook.db", source)
        rows = []
        for number in range(12):
            marks = [time.perf_counter()]

            def mark(marks=marks):
                marks.append(time.perf_counter())

            restored, _ = mend(read(path), source)
            book.checksum(restored)
            files = submitted_files(submitted, source)
            work = record.work_of(restored, files)
            mark()
            job = job_of(restored, source, seed, files)
            with tempfile.TemporaryDirectory() as scratch:
                process = _process_of(job, Path(scratch)).__enter__()
                mark()
                emissions = {}
                for name, check, cell in job.cells:
                    messages, _, _ = process.run(cell, 60)
                    emissions |= {name: messages} if check else {}
                mark()
                process.__exit__()
            mark()
            judged = judge(source, expected(source, seed).emissions, emissions, {})
            mark()
            run = execute(Job((), {}, {}, seed, source.limits))
            marks.append(time.perf_counter())
            graded, target = with_verdicts(restored, judged, run), Path(folder, f"p{number}")
            book.save(f"p{number}", graded, "key", work, target, files)
            mark()
            steps = [b - a for a, b in itertools.pairwise(marks)]
            rows.append([*steps[:5], steps[6]])
    names = ["read and sanitize", "fork and shut in", "run the cells", "end the process", "judge", "record"]
    turns = [(bare_seconds(job), _timed_grade(restored, source, seed, files)) for _ in range(15)]
    bare, whole = (statistics.median(times) for times in zip(*turns, strict=True))
    more = statistics.median(graded - alone for alone, graded in turns)
    print("\na clean submission, milliseconds, medians of 12")
    for name, times in zip(names, zip(*rows, strict=True), strict=True):
        print(f"  {name:20} {1000 * statistics.median(times):7.1f}")
    print(f"  {'its cells alone':20} {1000 * bare:7.1f}   (in a fork of the warm process, nothing around them)")
    print(f"run and judged: {1000 * whole:.0f} ms, {1000 * more:.0f} ms more than its cells alone (taking turns)")


def _timed_grade(notebook, source: Source, seed: int, files: dict) -> float:
    started = time.perf_counter()
    run_and_judge(notebook, source, seed, files)
    return time.perf_counter() - started


def bare_seconds(job: Job) -> float:
    """Seconds that the cells of a job take in a fork of a process with the imports done, without isolation."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        with tempfile.TemporaryDirectory() as scratch:
            shell = zygote.make_shell()
            zygote.settle(scratch, {**job.files, **job.package})
            checks.start_grading(job.seed)
            for library in job.libraries:
                __import__(library)
            started = time.perf_counter()
            for _, _, text in job.cells:
                zygote.run_cell(shell, text)
            os.write(writer, str(time.perf_counter() - started).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        seconds = float(answer.read())
    os.waitpid(child, 0)
    return seconds


if __name__ == "__main__":
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    versions = f"Python {platform.python_version()}, nbgrader {__import__('nbgrader').__version__}"
    print(f"{versions}, {platform.machine()}, {os.cpu_count()} cores\n", flush=True)
    home = Workspace.find(Path(__file__))
    with tempfile.TemporaryDirectory() as folder:
        course = fresh_course(home, Path(folder) / "course")
        manifest = course.root / "course.yml"  # the stock one follows no mistake through
        manifest.write_text(manifest.read_text().replace("follow_through: true", "follow_through: false"))
        course = Workspace.find(course.root)
        source = Source.of(course, MODULE)
        with nbgrader_api(course) as api:
            for name in course.released():
                if name in ("setup", "tensor", MODULE):
                    release_one(api, Source.of(course, name))
        notebooks = submissions(home, course)
        compare(source, notebooks, Path(folder))
        profile(source, notebooks[0])
