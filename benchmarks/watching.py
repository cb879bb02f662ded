"""`tito watch` before a deadline: 60 hand-ins of 20 students in five minutes through nbgrader's exchange, and a kill -9
in the middle, while a submission is graded.

    python benchmarks/watching.py [MODULE] [MINUTES]          # by default tensor and 5

Each student hands in three times: a simulated classmate's work, another one's, and a right one. `per_day: 2` lets the
third wait. Exit code 1 if a page came more than 60 s after its hand-in, if a hand-in has none, if one was answered
twice, or if attempts were counted wrongly. Printed lines: watching.log.
"""

import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from nbgrader.utils import notebook_hash

from autograder.demo.course import fresh_course
from autograder.demo.simulate import HandIn, Simulation
from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.tables import ATTEMPTS
from autograder.handing_out.release import release_one
from autograder.judging.source import Source
from tito.workspace import Workspace

ROOT = Path(__file__).resolve().parents[1]
STUDENTS, EACH, PER_DAY, LIMIT = 20, 3, 2, 60


def course_in(folder: Path, module: str) -> tuple[Workspace, list[HandIn]]:
    """A released course with an exchange, and the works of a simulated class that can be graded, a right one first."""
    course = fresh_course(Workspace.find(ROOT), folder)
    exchange = folder / "exchange"
    exchange.mkdir(mode=0o777)
    with (folder / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f'c.Exchange.root = "{exchange}"\n')
    with (folder / "course.yml").open("a", encoding="utf-8") as manifest:
        manifest.write(f"attempts: {{per_day: {PER_DAY}}}\n")
    course, source = Workspace.find(folder), Source.of(Workspace.find(folder), module)
    with nbgrader_api(course) as api:
        release_one(api, source)
    made = Simulation(
        source, folder / "release" / module / source.path.name, ROOT / "tests/course/versions"
    ).submissions()
    (exchange / "tinytorch" / "inbound").mkdir(parents=True)
    return course, [one for one in made if one.due is not None]


def submit(course: Workspace, module: str, student: str, text: str) -> str:
    """Hand in as nbgrader does: notebook, time, then the secret. Returns the hand-in's name, which is its secret."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    name = f"{student}+{module}+{now}+{os.urandom(4).hex()}"
    folder = course.root / "exchange" / "tinytorch" / "inbound" / name
    folder.mkdir()
    for file, content in ((f"{module}_dev.ipynb", text), ("timestamp.txt", now), ("submission_secret.txt", name)):
        (folder / file).write_text(content, encoding="utf-8")
    return name


def page_of(course: Workspace, module: str, name: str) -> Path:
    """Where the page for a hand-in comes."""
    secret = notebook_hash(secret=name, notebook_id=f"{module}_dev")
    return course.root / "exchange" / "tinytorch" / "feedback" / f"{secret}.html"


def watch(course: Workspace) -> subprocess.Popen:
    """A running `tito watch`, in a process group of its own."""
    log = (course.root / "watch.log").open("a")
    return subprocess.Popen(
        [Path(sys.executable).with_name("tito"), "watch"],
        cwd=course.root,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


def kill_while_grading(course: Workspace, running: subprocess.Popen) -> int:
    """Kill all of it with SIGKILL while submissions wait for their page. Returns how many did."""
    for _ in range(600):
        queue = (course.root / ".cache" / "watch.json").read_text()
        if '"waiting": 0' not in queue:
            break
        time.sleep(0.1)
    time.sleep(0.5)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    return int(queue.split('"waiting": ')[1].split(",")[0])


def rows(course: Workspace) -> list:
    """All attempts."""
    engine = sa.create_engine(f"sqlite:///{course.root}/gradebook.db")
    with engine.connect() as connection:
        return list(connection.execute(sa.select(ATTEMPTS)))


def main() -> int:
    module, minutes = (sys.argv[1:2] or ["tensor"])[0], float((sys.argv[2:3] or ["5"])[0])
    with tempfile.TemporaryDirectory() as folder:
        course, works = course_in(Path(folder) / "course", module)
        count, running = STUDENTS * EACH, watch(course)
        sent: dict[str, float] = {}  # hand-in → when it arrived
        came: dict[str, float] = {}  # hand-in → when its page was there
        started, killed = time.time(), ""
        while len(came) < count and time.time() - started < 60 * minutes + 2 * LIMIT:
            due = min(count, int((time.time() - started) / (60 * minutes) * count) + 1)
            while len(sent) < due:
                number = len(sent)
                work = works[0] if number >= count - STUDENTS else works[number % len(works)]
                sent[submit(course, module, f"s{number % STUDENTS:02}", work.text)] = time.time()
            if not killed and len(sent) >= count // 2:
                waited = kill_while_grading(course, running)
                running, killed = watch(course), f"after {len(sent)} hand-ins, {waited} of which waited"
            for name in sent.keys() - came.keys():
                if page_of(course, module, name).is_file():
                    came[name] = time.time()
            time.sleep(0.2)
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(timeout=60)
        return report(course, module, minutes, sent, came, killed)


def report(course, module, minutes, sent, came, killed) -> int:
    """Print what was measured. Returns the exit code."""
    delays, found = sorted(came[name] - sent[name] for name in came), rows(course)
    per_student = Counter(row.student for row in found)
    names = Counter(row.name for row in found)
    last = {row.student: row.score for row in sorted(found, key=lambda row: row.handed_in)}
    faults = {
        "without a page": len(sent) - len(came),
        f"pages after more than {LIMIT} s": sum(delay > LIMIT for delay in delays),
        "answered twice": sum(number > 1 for number in names.values()),
        f"students with other than {PER_DAY} attempts": sum(n != PER_DAY for n in per_student.values()),
        "rows of unknown hand-ins": len(names.keys() - sent.keys()),
        "students without a score": STUDENTS - len(last),
    }
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{module}: {len(sent)} hand-ins in {minutes:g} minutes, {machine}")
    print(f"  killed with SIGKILL {killed}")
    middle, slowest = delays[len(delays) // 2], delays[-1]
    print(f"  page after {delays[0]:.1f} s at best, {middle:.1f} s in the middle, {slowest:.1f} s at worst")
    print(f"  {len(found)} graded as attempts, {len(sent) - len(found)} told to wait until tomorrow")
    for what, number in faults.items():
        print(f"  {what}: {number}")
    return 1 if any(faults.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
