"""Limits are of the time that a submission had: a busy machine costs it nothing, and sleeping gains it nothing."""

import os
import socket
import struct
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from autograder.engine import process
from autograder.engine.clock import Clock, _computed, family
from autograder.engine.execute import Job, execute
from tito.limits import Limits

LIMITS = Limits(cell_seconds=1, notebook_seconds=30, cpu_seconds=60)
HALF = 0.5  # of a cell's limit: the other half is for what a busy machine takes unseen
COMPUTES = "import time\nwhile time.thread_time() < {}: pass"
SLEEPS = "import time; time.sleep(20)"
MANY_THREADS = """import threading
def spin():
    while True: pass
for _ in range(16): threading.Thread(target=spin, daemon=True).start()
spin()"""
MANY_PROCESSES = "import os\nfor _ in range(4): os.fork()\nwhile True: pass"
WAITS_FOR_A_THREAD = (
    f"import threading\nthread = threading.Thread(target=exec, args=({COMPUTES.format(HALF)!r}, {{}}))\n"
)
WAITS_FOR_A_THREAD += "thread.start(); thread.join()"


def run(*texts, limits=LIMITS):
    cells = tuple((f"cell{number}", False, text) for number, text in enumerate(texts))
    package = {"tito/__init__.py": b""}
    return execute(Job(cells, {}, package, 7, limits))


@contextmanager
def a_busy_core():
    """Have the submissions that begin now share one core with four processes, each in a session of its own: Linux
    shares time out among sessions."""
    cores = os.sched_getaffinity(0)
    core = min(cores)
    endless = f"import os; os.sched_setaffinity(0, [{core}]); print(flush=True)\nwhile True: pass"
    grading = family(process._zygote().process.pid)
    with ExitStack() as stack:
        for pid in grading:
            os.sched_setaffinity(pid, [core])
            stack.callback(os.sched_setaffinity, pid, cores)
        for _ in range(4):
            hog = stack.enter_context(
                subprocess.Popen([sys.executable, "-c", endless], stdout=subprocess.PIPE, start_new_session=True)
            )
            stack.callback(hog.kill)
            assert hog.stdout.readline()
        yield


@pytest.mark.needs("files", "processes")
@pytest.mark.parametrize("text", [COMPUTES.format(HALF), WAITS_FOR_A_THREAD], ids=["computes", "waits for a thread"])
def test_a_busy_machine_costs_nothing(text):
    with a_busy_core():
        started = time.monotonic()
        assert run(text).problems == {}
    assert time.monotonic() - started > LIMITS.cell_seconds, "the machine was not busy enough to show anything"


def test_an_answer_that_has_come_counts_however_late_the_grader_looks():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        waits = process.Process(Path(), 7, LIMITS)
        waits.socket = ours
        theirs.sendall(struct.pack("!i", 2) + b"{}" + struct.pack("!i", 2) + b"{")
        assert waits._receive(Clock(None, 0)) == b"{}"
        with pytest.raises(TimeoutError):
            waits._receive(Clock(None, 0))


def test_a_process_that_does_not_begin_is_one_that_died():
    """So the submission is run again, in another one."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        silent = process.Process(Path(), 7, LIMITS)
        silent.socket = ours
        with pytest.raises(process.Died, match="did not begin"):
            silent._begin(Clock(None, 0))


@pytest.mark.needs("files", "processes")
def test_a_second_of_cpu_is_a_second_of_work():
    """Libraries start no threads of their own, whose time would count, too."""
    text = "import numpy, os\nassert os.environ['NUMBA_NUM_THREADS'] == '1'\nx = numpy.ones((500, 500))"
    assert run(f"{text}\nx @ x\nassert len(os.listdir('/proc/self/task')) == 1").problems == {}


@pytest.mark.needs("files", "processes")
def test_the_notebooks_limit_is_of_its_own_time_too():
    with a_busy_core():
        texts, limits = [COMPUTES.format(0.1 * n) for n in (1, 2, 3)], Limits(cell_seconds=1, notebook_seconds=1)
        found = run(*texts, limits=limits)
        assert (found.problems, found.seconds > 0) == ({}, True)


@pytest.mark.needs("files", "processes")
@pytest.mark.parametrize(
    "text", [SLEEPS, "while True: pass", MANY_THREADS, MANY_PROCESSES], ids=["sleeps", "spins", "threads", "processes"]
)
def test_who_had_the_time_is_ended(text):
    """In a few times the limit, of CPU; who sleeps is ended before the sleep ends, on however busy a machine."""
    run("pass")
    zygote = process._zygote().process.pid
    before = _computed(zygote)
    assert run(text).problems == {"cell0": "took longer than 1 s"}
    assert _computed(zygote) - before < 10


@pytest.mark.needs("files", "processes")
def test_a_limit_is_told_as_it_is_set():
    limits = Limits(cell_seconds=0.25, notebook_seconds=30)
    assert run("while True: pass", limits=limits).problems == {"cell0": "took longer than 0.25 s"}
