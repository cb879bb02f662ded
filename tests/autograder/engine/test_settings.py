"""What holds on other machines, each emulated on this one: a submission runs right, and every hole is closed, or it is
refused for a reason that is true."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.engine import sandbox

ROOT, ENTER = Path(__file__).resolve().parents[3], str(Path(__file__).with_name("settings.py"))
NAMESPACES = {sandbox.PROCESSES, sandbox.NETWORK, sandbox.DISK}
CLOSED = {sandbox.USER} if sandbox._closed_on_the_way_to(sandbox.PYTHON) else set()

SETTINGS = {  # words of settings.py → what is absent with Landlock
    "root": ([], set()),
    "root, and no namespaces": (["no-namespaces"], NAMESPACES | CLOSED),
    "root in a chroot": (["chroot"], set()),
    "a container's root": (["container", "no-namespaces"], NAMESPACES | CLOSED),
    "a container's root, who may make namespaces": (["container"], set()),
    "a container's root, and Python is reachable": (["reachable", "container", "no-namespaces"], NAMESPACES),
    "a user": (["reachable", "user"], set()),
    "a container's user, who may make namespaces": (["reachable", "masked-proc", "user"], set()),
    "a pod": (["reachable", "user", "no-new-privs", "no-namespaces"], NAMESPACES),
}
FOR_A_USER = {"root": ([], set()), "root, and no namespaces": (["no-namespaces"], NAMESPACES)}  # who can't emulate more

RUN = """
import atexit, json, os, pathlib, shutil, socket, sys, tempfile
import tito
from autograder.engine import execute, process, sandbox
from autograder.engine.execute import Job
from tito.limits import Limits

home = tempfile.mkdtemp(); atexit.register(shutil.rmtree, home)
os.environ["MPLCONFIGDIR"] = sys.argv[1]
mine = pathlib.Path(home, "gradebook.db"); mine.write_text("1"); os.utime(mine, (1, 1)); mine.chmod(0o644)
listener = socket.socket(socket.AF_UNIX); listener.bind(home + "/socket"); listener.listen()
listener.setblocking(False)
leaves, text = json.load(sys.stdin)
for word, value in {"PID": os.getpid(), "HOME": home}.items():
    text = text.replace("{" + word + "}", str(value))
checks = pathlib.Path(tito.__file__).with_name("checks.py").read_bytes()
limits = Limits(cell_seconds=60, notebook_seconds=120, memory_mb=1000)
job = Job((("a", True, text),), {}, {"tito/__init__.py": b"", "tito/checks.py": checks}, 7, limits)
got = sandbox.why_open()
if not got:
    places = [pathlib.Path(tempfile.mkdtemp(dir=process.home())) for _ in range(2)]
    with execute._process_of(job, places[0]) as one, execute._process_of(job, places[1]) as other:
        left = one.run(leaves, 60)
        found = other.run(text, 60)
        assert left == ([], None, None), left
    got = found[0][0]["value"] if found[0] else str(found[1:])
try:
    visitor = bool(listener.accept())
except BlockingIOError:
    visitor = False
found = mine.stat()
unharmed = found.st_mode & 0o777 == 0o644 and found.st_mtime == 1 and not visitor
print(json.dumps({"absent": sandbox.absent(), "got": got, "unharmed": unharmed}))
"""


@pytest.fixture(scope="module")
def fonts():
    """A copy of matplotlib's list of fonts that every user can read: nobody makes it again."""
    kept = Path(os.environ.get("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib")))
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        for path in kept.glob("fontlist-*.json"):
            shutil.copyfile(path, Path(folder, path.name))
        yield folder


def run_in(words, fonts):
    """What a submission finds in a setting while another lives, what is absent, and whether the grader is unharmed."""
    command = [sys.executable, ENTER, *words, "--", sys.executable, "-c", RUN, fonts]
    done = subprocess.run(
        command, input=json.dumps([LEAVES, HOLES]), cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


LEAVES, HOLES = (
    Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("leaves_tokens.py", "holes.py")
)


# What the probe finds where protections are left out: else its "none" would say little.
FILTERED = {"token: flock", "token: record lock", "keys: add", "SysV memory", "memfd", "inotify", "netlink"}
SHARED = {"token: SysV memory", "token: SysV semaphores", "token: SysV messages", "token: abstract socket"}
LEFT_OUT = {"the filter": (["no-filter"], FILTERED)}
if not os.getuid():  # what a submission leaves behind goes with the namespace that only root can make
    bare = ["reachable", "own-ipc", "no-namespaces", "no-filter"]
    LEFT_OUT["namespaces and the filter"] = (bare, FILTERED | SHARED)


@pytest.mark.needs(*sandbox.PROTECTIONS)
@pytest.mark.parametrize("name", LEFT_OUT)
def test_the_probe_finds_the_holes(name, fonts):
    words, holes = LEFT_OUT[name]
    found = run_in(words, fonts)
    assert holes - set(found["got"].split(", ")) == set()
    assert found["absent"][sandbox.CALLS] == "this kernel filters no system calls (seccomp: ENOSYS)"


@pytest.mark.needs(*sandbox.PROTECTIONS)
@pytest.mark.parametrize("with_landlock", [True, False], ids=["with Landlock", "without"])
@pytest.mark.parametrize("name", FOR_A_USER if os.getuid() else SETTINGS)
def test_a_submission_is_shut_in_or_refused(name, with_landlock, fonts):
    words, absent = (FOR_A_USER if os.getuid() else SETTINGS)[name]
    found = run_in(words + ["no-landlock"] * (not with_landlock), fonts)
    named = {protection for protection, why in found["absent"].items() if why}
    assert found["unharmed"]
    if with_landlock or not absent:
        assert found["got"] == "none"
        assert named == absent
    else:
        assert named == absent | {sandbox.FILES}
        assert found["got"] == found["absent"][sandbox.FILES]
        assert "no Landlock, which Linux 5.13 or newer has (ENOSYS)" in found["got"]
        assert "no root of its own can be made (unshare: EPERM)" in found["got"]
    for protection in named & NAMESPACES:
        assert found["absent"][protection] == "namespaces are refused (unshare: EPERM)"
