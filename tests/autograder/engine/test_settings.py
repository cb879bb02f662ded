"""What holds on other machines, each emulated on this one: every hole is closed, and a class is graded right, or it is
refused for a reason that is true."""

import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from autograder.engine import sandbox

ROOT, HERE = Path(__file__).resolve().parents[3], Path(__file__).resolve().parent
NAMESPACES = {sandbox.PROCESSES, sandbox.NETWORK, sandbox.DISK}
CLOSED = {sandbox.USER} if sandbox._closed_on_the_way_to(sandbox.PYTHON) else set()

SETTINGS = {  # words of settings.py → what is absent with Landlock
    "root": ([], set()),
    "root, and no namespaces": (["no-namespaces"], NAMESPACES | CLOSED),
    "root in a chroot": (["chroot"], set()),
    "a container's root": (["container", "no-namespaces"], NAMESPACES | CLOSED),
    "a container's root, who may make namespaces": (["container"], set()),
    "a container's root with SYS_ADMIN": (["masked-proc", "admin"], set()),
    "a container's root, and Python is reachable": (["reachable", "container", "no-namespaces"], NAMESPACES),
    "a user": (["reachable", "user"], set()),
    "a container's user, who may make namespaces": (["reachable", "masked-proc", "user"], set()),
    "a pod": (["reachable", "user", "no-new-privs", "no-namespaces"], NAMESPACES),
}
if runpy.run_path(str(HERE / "settings.py"))["in_a_chroot"]():  # these tests; nobody makes user namespaces there
    for name in (
        "a container's root, who may make namespaces",
        "a user",
        "a container's user, who may make namespaces",
    ):
        words = SETTINGS[name][0]
        SETTINGS[name] = words, NAMESPACES if "reachable" in words else NAMESPACES | CLOSED
WITHOUT_LANDLOCK = {"root", "root, and no namespaces", "a user", "a pod"}  # with --thorough all
FOR_A_USER = {"root": ([], set()), "root, and no namespaces": (["no-namespaces"], NAMESPACES)}  # who can't emulate more

UNSOLVED = "def double(x):\n    return ANSWER(x) if 'ANSWER' in globals() else x"
HOSTILE = """
import json, os, sqlite3

for attempt in (
    lambda: os.kill({PID}, 9),
    lambda: open("{ROOT}/left_behind", "w"),
    lambda: sqlite3.connect("{ROOT}/gradebook.db").execute("update grade set manual_score = 9"),
    lambda: globals().update(ANSWER=json.load(open("{ROOT}/source/setup/setup_dev.ipynb")) and (lambda x: 2 * x)),
):
    try:
        attempt()
    except (OSError, sqlite3.Error):
        pass
"""
GRADED = {  # points of the class, whose right, wrong and hostile submission are ada's, bob's and eve's
    "ada": {"check_double": 2, "check_normal": 3, "check_both": 4},
    "bob": {"check_double": 0, "check_normal": 3, "check_both": 0},
    "eve": {"check_double": 0, "check_normal": 3, "check_both": 0},
}


@pytest.fixture(scope="module")
def tried(released, solved, hand_in):
    """A function that enters a setting, and returns what in_settings.py finds there."""
    kept = Path(os.environ.get("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib")))
    with tempfile.TemporaryDirectory() as folder:  # which every user can read, unlike pytest's own
        os.chmod(folder, 0o755)
        fonts, course = Path(folder, "fonts"), Path(folder, "course")
        fonts.mkdir()
        for path in kept.glob("fontlist-*.json"):  # nobody makes it again
            shutil.copyfile(path, fonts / path.name)
        shutil.copytree(released, course)
        hand_in(course, "ada", solved())
        hand_in(course, "bob", solved({"double": UNSOLVED}))
        hand_in(course, "eve", solved({"double": UNSOLVED}, [HOSTILE]))
        for path in (course, *course.rglob("*")):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
        command = [sys.executable, str(HERE / "in_settings.py"), str(fonts), str(course)]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        ) as running:

            def enter(words: list[str]) -> dict:
                print(json.dumps(words), file=running.stdin, flush=True)
                return json.loads(running.stdout.readline())

            yield enter
            running.stdin.close()


# Signals that no protection closes (docs/how-grading-works.md): the second is closed where each submission has a user.
KNOWN, KNOWN_OF_A_USER = "token: a waiting thread", "token: descriptors under way"

# What the probe finds where protections are left out: else its "none" would say little.
FILTERED = {"token: flock", "token: record lock", "keys: add", "SysV memory", "memfd", "inotify", "netlink"}
FILTERED |= {"pages that were read", "news of a folder", "a larger pipe"}
SHARED = {"token: SysV memory", "token: SysV semaphores", "token: SysV messages", "token: abstract socket"}
LEFT_OUT = {"the filter": (["no-filter"], FILTERED)}
if not os.getuid():  # what a submission leaves behind goes with the namespace that only root can make
    bare = ["reachable", "own-ipc", "no-namespaces", "no-filter"]
    LEFT_OUT["namespaces and the filter"] = (bare, FILTERED | SHARED)


@pytest.mark.needs(*sandbox.PROTECTIONS)
@pytest.mark.parametrize("name", LEFT_OUT)
def test_the_probe_finds_the_holes(name, tried):
    words, holes = LEFT_OUT[name]
    found = tried(words)
    assert holes - set(found["got"].split(", ")) == set()
    assert found["absent"][sandbox.CALLS] == "this kernel filters no system calls (seccomp: ENOSYS)"


@pytest.mark.needs(*sandbox.PROTECTIONS)
@pytest.mark.parametrize(
    ("name", "with_landlock"),
    [
        pytest.param(
            name,
            with_landlock,
            id=words,
            marks=[] if with_landlock or name in WITHOUT_LANDLOCK else pytest.mark.thorough,
        )
        for name in (FOR_A_USER if os.getuid() else SETTINGS)
        for with_landlock, words in ((True, f"{name}-with Landlock"), (False, f"{name}-without"))
    ],
)
def test_a_class_is_graded_right_or_refused(name, with_landlock, tried):
    words, absent = (FOR_A_USER if os.getuid() else SETTINGS)[name]
    found = tried(words + ["no-landlock"] * (not with_landlock))
    named = {protection for protection, why in found["absent"].items() if why}
    graded, why = found["class"], found["absent"].get(sandbox.FILES)
    assert found["unharmed"]
    if with_landlock or not absent:
        one_user = os.getuid() or "user" in words or sandbox.USER in absent
        assert found["got"].split(", ") == [KNOWN, KNOWN_OF_A_USER][: 1 + bool(one_user)]
        assert named == absent
        assert (graded["code"], graded["cells"]) == (0, GRADED)
        for protection in sandbox.PROTECTIONS:
            reason = f"{protection}: {sandbox.WITHOUT[protection]}, for {found['absent'].get(protection)}"
            assert (reason in graded["said"]) == (protection in absent)
        assert ("This machine lacks some protections" in graded["said"]) == bool(absent)
    else:
        assert named == absent | {sandbox.FILES}
        assert found["got"] == why
        assert "no Landlock, which Linux 5.13 or newer has (ENOSYS)" in why
        assert "no root of its own can be made (unshare: EPERM)" in why
        assert graded["code"] == 2
        assert f"This machine can't keep submissions away from your files: {why}. Grade in" in graded["said"]
    for protection in named & NAMESPACES:
        assert found["absent"][protection] == "namespaces are refused (unshare: EPERM)"
