"""The memory of a submission's processes together is limited, whatever each may have; what they share counts once.
Neither too many files nor a process that hangs costs anybody else."""

import os
import signal
import subprocess
import sys

import pytest

from autograder.engine import memory, process, sandbox
from autograder.engine.execute import Job, execute
from tito.limits import Limits

LIMITS = Limits(cell_seconds=20, notebook_seconds=40, memory_mb=400)
MANY = """import os, time
for _ in range(4):
    if not os.fork():
        held = b"x" * 150_000_000
        time.sleep(60)
time.sleep(60)"""
SHARED = """import os, time
held = b"x" * 150_000_000
for _ in range(4):
    if not os.fork():
        time.sleep(0.6)
        os._exit(0)
for _ in range(4): os.wait()"""

SOCKETS = """import os, socket, time
for _ in range(12):
    if not os.fork():
        held = [socket.socketpair() for _ in range(115)]
        time.sleep(60)
time.sleep(60)"""
HOLDS = """import time
held = b"x" * 32_000_000
print(".", end="", flush=True)
time.sleep(60)"""


def run(text, files=None):
    return execute(Job((("cell", False, text),), files or {}, {"tito/__init__.py": b""}, 7, LIMITS))


@pytest.mark.needs("files", "processes", "disk")
def test_many_processes_have_the_memory_of_one():
    assert run(MANY).problems == {"cell": "used more than 400 MB of memory"}


@pytest.mark.needs("files", "processes", "disk")
def test_sockets_count_as_if_they_were_full():
    assert run(SOCKETS).problems == {"cell": "used more than 400 MB of memory"}


@pytest.mark.needs("files", "processes", "disk")
def test_what_processes_share_counts_once():
    assert run(SHARED).problems == {}


def test_a_keeper_that_is_told_to_end_after_its_child_keeps_the_childs_code(monkeypatch):
    """On a busy machine the order to end comes when the child has gone and the keeper has not yet heard of its end."""

    def waits_late(child, options, wait=os.waitpid):
        answer = wait(child, options)
        os.kill(os.getpid(), signal.SIGTERM)
        return answer

    monkeypatch.setattr(os, "waitpid", waits_late)
    child, before = (
        os.posix_spawn("/bin/sh", ["sh", "-c", f"exit {memory.TOO_MUCH}"], {}),
        signal.getsignal(signal.SIGTERM),
    )
    try:
        assert sandbox._wait_for(child) == memory.TOO_MUCH
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.mark.needs("files", "disk")
@pytest.mark.parametrize(
    "files", [{f"{n}.txt": b"" for n in range(21_000)}, {"large.bin": bytes(80_000_000)}], ids=["many", "large"]
)
def test_files_that_do_not_fit_are_named_and_cost_nobody_else(files):
    with pytest.raises(process.DoesNotFit, match="the folder of a run, of 64 MB, can't hold its files"):
        run("1", files)
    assert run("1").problems == {}


@pytest.mark.needs("files")
def test_a_process_that_hangs_is_replaced(capsys):
    assert run("1").problems == {}
    hung = process._zygote()
    os.kill(hung.process.pid, signal.SIGSTOP)
    hung.control.settimeout(0.5)
    assert run("1").problems == {}
    assert "The submission is run again." in " ".join(capsys.readouterr().err.split())


def test_the_memory_of_others_does_not_count():
    """/proc may show them: a container's /proc can't always be mounted anew."""
    before = memory._all_together()
    held = b"x" * 50_000_000
    assert memory._all_together() - before < 2**20 < len(held)
    children = [subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE) for _ in range(2)]
    try:
        assert [one.stdout.read(1) for one in children if one.stdout] == [b".", b"."]
        assert memory._all_together() - before > 60 * 2**20
    finally:
        for one in children:
            one.kill()
            one.communicate()
