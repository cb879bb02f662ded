"""A class of attackers: every file in attacks/ holds a kind of them. None gains a point, none has an effect."""

import hashlib
import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.engine import process, sandbox
from autograder.engine.execute import Run
from autograder.engine.pool import Options
from autograder.grading.pipeline import grade_module
from autograder.judging.judge import Verdict
from autograder.judging.outputs import verdict_in
from autograder.judging.source import Source
from autograder.judging.step import lost_at_a_limit
from tito.notebooks import read
from tito.workspace import Workspace

HERE, ROOT = Path(__file__).resolve().parent, Path(__file__).resolve().parents[3]
LIMITS = {
    "cell_seconds": 1,  # of its own time: a dozen of them keep a core busy for as long, each up to three times
    "notebook_seconds": 8,  # those who lose one cell's second lose no more, however late eight threads look
    "cpu_seconds": 10,
    "memory_mb": 700,
    "processes": 40,
    "files_mb": 32,
}
FULL = {"check_double": 2, "check_normal": 3, "check_both": 4}
UNSOLVED = {
    "double": "def double(x):\n    return ANSWER(x) if 'ANSWER' in globals() else x",
    "normal": "def normal(n):\n    return n * [0.0]",
}
ATTACKS = "a cell of the student"  # as a note calls a cell that is neither a stub nor a check
SOME = "TEST_SOME_ATTACKS"  # in the environment of a child: see `some`
SECRET, SLEEP = "canary-of-the-environment", "3599.5"
ELSEWHERE = [Path("/var/tmp/left_behind"), Path("/dev/shm/left_behind")]


def attacks() -> dict[str, str]:
    """kind: name → text of a cell, which runs before the unsolved ones."""
    found = {}
    for path in sorted((HERE / "attacks").glob("*.py")):
        _, *blocks = re.split(r"(?m)^# %% *", path.read_text(encoding="utf-8"))
        for block in blocks:
            name, _, text = block.partition("\n")
            found[f"{path.stem}: {name.strip()}"] = text.strip("\n")
    return found


def some(texts: dict[str, str], which: str) -> dict[str, str]:
    """all attacks; or most, and half of the bombs, each of which burns its limits; or few, and the other half."""
    bombs = [name for name in texts if name.startswith("bombs")]
    others = [name for name in texts if name not in bombs]
    chosen = {"all": {*texts}, "most": {*others, *bombs[::2]}, "few": {*others[::3], *bombs[1::2]}}[which]
    return {name: text for name, text in texts.items() if name in chosen}


class Listener:
    """A port of this machine, and an abstract socket, that nobody may find."""

    def __enter__(self) -> "Listener":
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", self.port))
        self.unix = socket.socket(socket.AF_UNIX)
        self.name = f"tinytorch-test-{os.getpid()}"
        self.unix.bind("\0" + self.name)
        self.unix.listen()
        return self

    def visitors(self) -> int:
        found = 0
        for one, take in (
            (self.tcp, self.tcp.accept),
            (self.udp, lambda: self.udp.recv(9)),
            (self.unix, self.unix.accept),
        ):
            one.setblocking(False)
            try:
                take()
                found += 1
            except BlockingIOError:
                pass
        return found

    def __exit__(self, *error) -> None:
        for one in (self.tcp, self.udp, self.unix):
            one.close()


def state_of(course: Path) -> dict[str, str]:
    """Digests of all that grading has no business with."""
    own = ("autograded", ".cache", "gradebook.db")
    paths = [path for path in sorted(course.rglob("*")) if not path.relative_to(course).parts[0].startswith(own)]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "" for path in paths}


def left_running() -> list[str]:
    """What runs that a submission started."""
    found, zygote = [], process._zygote().process.pid
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            mine = f"TINYTORCH_GRADER={os.getpid()}\0".encode() in (folder / "environ").read_bytes()
        except OSError:
            continue
        if mine and int(folder.name) != zygote:
            found.append(f"{folder.name} {(folder / 'cmdline').read_bytes()!r}")
    return found


def honestly_lost(run: Run, judged: list[Verdict]) -> bool:
    """As `lost_at_a_limit`, but not for attacks: once more they would show the same, and take minutes. An honest
    submission must get its second run: beside eight bombs at once, the clock's limit may end it in the first."""
    return lost_at_a_limit(run, judged) and not any(note.startswith(ATTACKS) for note in run.notes)


def attack(course: Path, solved, hand_in, which: str) -> list[dict]:
    """Grade a class of attackers; a row for each: what it gained, and what is said of it. which: see `some`"""
    canary, home = course.parent / "canary", Path(os.environ.get("HOME", "/"))
    os.environ["TINYTORCH_CANARY"] = SECRET
    manifest = (course / "course.yml").read_text()
    limits = "".join(f"  {name}: {value}\n" for name, value in LIMITS.items())
    (course / "course.yml").write_text(re.sub(r"(?m)^limits:.*\n(?:  .*\n)*", f"limits:\n{limits}", manifest))
    with Listener() as listener:
        words = {"ROOT": course, "CANARY": canary, "HOME": home, "SECRET": SECRET, "SLEEP": SLEEP}
        words |= {"PORT": listener.port, "ABSTRACT": listener.name, "PID": os.getpid()}
        texts = some(attacks(), which)
        students = {f"s{number:02}": name for number, name in enumerate(texts)}
        for student, name in students.items():
            text = re.sub(r"\{([A-Z]+)\}", lambda match: str(words[match[1]]), texts[name])
            hand_in(course, student, solved(UNSOLVED, [text]))
        hand_in(course, "ada", solved())
        hand_in(course, "zoe", solved({"double": UNSOLVED["double"]}))
        before = state_of(course)
        source = Source.of(Workspace.find(course), "setup")
        with pytest.MonkeyPatch.context() as patch:
            for place in ("grading.pipeline", "judging.step"):
                patch.setattr(f"autograder.{place}.lost_at_a_limit", honestly_lost)
            rows = {row.student: row for row in grade_module(source, options=Options(jobs=8))}
        assert state_of(course) == before, "the course was changed"
        assert listener.visitors() == 0, "somebody came through the network"
    assert not canary.exists()
    assert not [path for path in [*ELSEWHERE, home / "left_behind"] if path.exists()]
    assert left_running() == []
    assert rows["ada"].cells == FULL, "an honest submission lost points"
    assert rows["zoe"].cells == {**FULL, "check_double": 0, "check_both": 0}
    with Gradebook(f"sqlite:///{course}/gradebook.db") as gradebook:
        submissions = gradebook.assignment_submissions("setup")
        given = [grade for one in submissions for notebook in one.notebooks for grade in notebook.grades]
        assert not [grade for grade in given if grade.manual_score is not None or grade.extra_credit is not None]
    for student in students:
        for cell in read(course / "autograded" / student / "setup" / "setup_dev.ipynb").cells:
            verdict = verdict_in(cell)
            assert "CANARY-SOLUTION" not in str(verdict), f"{students[student]}: the course's answer is told"
    return [
        {"attack": name, "gained": rows[s].score, "said": rows[s].trouble or "; ".join(rows[s].notes)}
        for s, name in students.items()
    ]


@pytest.fixture(scope="module")
def course_under_attack(released, tmp_path_factory):
    course = tmp_path_factory.mktemp("attacked") / "course"
    shutil.copytree(released, course)
    return course


def test_there_are_attacks_of_every_kind():
    assert len(attacks()) >= 40
    assert len({name.partition(":")[0] for name in attacks()}) >= 9


@pytest.mark.needs(*sandbox.PROTECTIONS)
def test_nothing_is_gained_and_nothing_happens(course_under_attack, solved, hand_in, request):
    """Where an ordinary user is tried, too, each of the two meets half of the bombs; with --thorough all."""
    twice = os.getuid() == 0 and not request.config.getoption("thorough")
    rows = attack(course_under_attack, solved, hand_in, os.environ.get(SOME, "most" if twice else "all"))
    assert {row["attack"]: row["gained"] for row in rows if row["gained"]} == {}
    assert [row["attack"] for row in rows if row["gained"] is None] == []
    loops = [row for row in rows if "loop" in row["attack"] or "ignored" in row["attack"]]
    assert {row["said"] for row in loops} == {"a cell of the student: took longer than 1 s"}


@pytest.mark.needs(*sandbox.PROTECTIONS)
def test_the_same_as_an_ordinary_user(request):
    """Where this runs as root, as CI does, once more as somebody else, without Landlock; others have just seen the test
    above. In a chroot Landlock is all that an ordinary user has. All attacks only with --thorough."""
    if os.getuid() == 0:
        with tempfile.TemporaryDirectory() as home:
            os.chown(home, 12345, 12345)
            tests = [f"{__file__}::test_nothing_is_gained_and_nothing_happens", f"--basetemp={home}/tests"]
            settings = runpy.run_path(str(HERE / "settings.py"))
            words = ["reachable", "user"] + ["no-landlock"] * (not settings["in_a_chroot"]())
            enter = [sys.executable, str(HERE / "settings.py"), *words, "--"]
            pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *tests]
            which = "all" if request.config.getoption("thorough") else "few"
            environment = {**os.environ, "HOME": home, "PYTHONDONTWRITEBYTECODE": "1", SOME: which}
            environment["TINYTORCH_WITHOUT"] = "machine"  # only root makes one
            done = subprocess.run(
                [*enter, *pytest], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600
            )
        assert done.returncode == 0, done.stdout + done.stderr
