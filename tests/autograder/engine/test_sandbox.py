"""What is said of protections that a machine lacks, and what goes on without them."""

import errno
import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.commands.demo import demo
from autograder.engine import landlock, sandbox
from autograder.engine.pool import HERE
from autograder.judging.expected import expected
from autograder.judging.source import Source
from tito.workspace import UserError

ROOT = Path(__file__).resolve().parents[3]
UNSHARE = {"x86_64": 272, "aarch64": 97}.get(platform.machine(), 97)
TRY_WITHOUT = """
import ctypes, os, struct, sys
number, answer = map(int, sys.argv[1:])
program = [(0x20, 0, 0, 0), (0x15, 0, 1, number), (0x06, 0, 0, 0x50000 | answer), (0x06, 0, 0, 0x7FFF0000)]
filter = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
assert not libc.prctl(22, 2, ctypes.c_char_p(struct.pack("HP", len(program), ctypes.addressof(filter))), 0, 0)
os.execv(sys.executable, [sys.executable, "-m", "autograder.engine.sandbox"])
"""


def absent_where(call, answer):
    """The absent protections, and why, where the kernel answers a system call with an error, as containers have it."""
    command = [sys.executable, "-c", TRY_WITHOUT, str(call), str(answer)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return {name: why for name, why in json.loads(done.stdout).items() if why}


@pytest.mark.needs("files")
def test_where_namespaces_are_refused_files_are_protected_all_the_same():
    found = absent_where(UNSHARE, errno.EPERM)
    assert found.pop("user", "Python lies in").startswith("Python lies in")  # where root's own folder is closed
    assert found == dict.fromkeys(("processes", "network", "disk"), "namespaces are refused (unshare: EPERM)")


@pytest.mark.parametrize("answer", sandbox.NO_LANDLOCK)
def test_where_there_is_no_landlock_the_reason_is_the_kernels(answer):
    name = errno.errorcode[answer]
    assert absent_where(landlock.CREATE_RULESET, answer)["files"] == f"{sandbox.NO_LANDLOCK[answer]} ({name})"


@pytest.mark.needs("files")
def test_landlock_leaves_what_is_allowed(tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "secret").write_text("secret")
    text = (
        "import os, sys; from pathlib import Path; from autograder.engine import landlock\n"
        "landlock.restrict({sys.argv[1] + '/here': landlock.every(landlock.EXECUTE)})\n"
        "Path(sys.argv[1], 'here', 'file').write_text('mine')\n"
        "os.mkdir(sys.argv[1] + '/here/folder')\n"
        "print(Path(sys.argv[1], 'here', 'file').read_text())\n"
        "Path(sys.argv[1], 'secret').read_text()"
    )
    done = subprocess.run([sys.executable, "-c", text, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "mine\n"
    assert "PermissionError" in done.stderr


# --- a machine that can't keep submissions from its files -------------------------------------------

WHY = "this kernel has no Landlock, which Linux 5.13 or newer has (ENOSYS)"


@pytest.fixture
def open_machine(monkeypatch):
    monkeypatch.setattr(sandbox, "absent", lambda: {sandbox.FILES: WHY})


def test_grading_is_refused_and_the_reason_named(open_machine, classroom, hand_in, solved, tito):
    hand_in(classroom, "ada", solved())
    code, _, said = tito("grade", "setup")
    assert code != 0
    assert WHY in said
    assert "--no-isolation" in said
    assert tito("grade", "setup", "--no-isolation")[0] == 0


def test_the_courses_own_source_runs_all_the_same(open_machine, source):
    assert expected(Source(source.workspace, "setup"), 11).emissions


def test_the_demonstration_says_why_and_goes_on(open_machine, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(ROOT)
    assert demo(tmp_path / "demo", ["setup"], HERE) == 0
    said = capsys.readouterr().out
    assert f"Submissions are not shut in here: {WHY}." in " ".join(said.split())
    assert "DIFFERENT" not in said


def test_info_names_what_is_there_and_why_the_rest_is_not(open_machine, classroom, tito):
    _, said, _ = tito("info")
    assert f"Not: files: {sandbox.WITHOUT[sandbox.FILES]}, for {WHY}." in " ".join(said.split())


def test_refusing(open_machine):
    with pytest.raises(UserError, match="ENOSYS"):
        sandbox.refuse_if_open()
