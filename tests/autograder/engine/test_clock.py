"""Limits are of the time that a submission had: a busy machine costs it nothing, and sleeping gains it nothing."""

import os
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager

import pytest

from autograder.engine import process
from autograder.engine.clock import family
from autograder.engine.execute import Job, execute
from tito.limits import Limits

LIMITS = Limits(cell_seconds=1, notebook_seconds=30, cpu_seconds=60)
COMPUTES = "import time\nwhile time.thread_time() < {}: pass"
SLEEPS = "import time; time.sleep(20)"
MANY_THREADS = """import threading
def spin():
    while True: pass
for _ in range(16): threading.Thread(target=spin, daemon=True).start()
spin()"""
MANY_PROCESSES = "import os\nfor _ in range(4): os.fork()\nwhile True: pass"
WAITS_FOR_A_THREAD = (
    f"import threading\nthread = threading.Thread(target=exec, args=({COMPUTES.format(0.7)!r}, {{}}))\n"
)
WAITS_FOR_A_THREAD += "thread.start(); thread.join()"


def run(*texts, limits=LIMITS):
    cells = tuple((f"cell{number}", False, text) for number, text in enumerate(texts))
    package = {"tito/__init__.py": b""}
    return execute(Job(cells, {}, package, 7, limits))


@contextmanager
def a_busy_core():
    """Have the submissions that begin now share one core with three processes, each in a session of its own: Linux
    shares time out among sessions."""
    cores = os.sched_getaffinity(0)
    core = min(cores)
    endless = f"import os; os.sched_setaffinity(0, [{core}]); print(flush=True)\nwhile True: pass"
    grading = family(process._zygote().process.pid)
    with ExitStack() as stack:
        for pid in grading:
            os.sched_setaffinity(pid, [core])
            stack.callback(os.sched_setaffinity, pid, cores)
        for _ in range(3):
            hog = stack.enter_context(
                subprocess.Popen([sys.executable, "-c", endless], stdout=subprocess.PIPE, start_new_session=True)
            )
            stack.callback(hog.kill)
            assert hog.stdout.readline()
        yield


@pytest.mark.needs("files", "processes")
@pytest.mark.parametrize("text", [COMPUTES.format(0.7), WAITS_FOR_A_THREAD], ids=["computes", "waits for a thread"])
def test_a_busy_machine_costs_nothing(text):
    with a_busy_core():
        started = time.monotonic()
        assert run(text).problems == {}
    assert time.monotonic() - started > LIMITS.cell_seconds, "the machine was not busy enough to show anything"


@pytest.mark.needs("files", "processes")
def test_a_second_of_cpu_is_a_second_of_work():
    """Libraries start no threads of their own, whose time would count, too."""
    text = "import numpy, os\nassert os.environ['NUMBA_NUM_THREADS'] == '1'\nx = numpy.ones((500, 500))"
    assert run(f"{text}\nx @ x\nassert len(os.listdir('/proc/self/task')) == 1").problems == {}


@pytest.mark.needs("files", "processes")
def test_the_notebooks_limit_is_of_its_own_time_too():
    with a_busy_core():
        assert (
            run(
                *[COMPUTES.format(0.1 * n) for n in (1, 2, 3)], limits=Limits(cell_seconds=1, notebook_seconds=1)
            ).problems
            == {}
        )


@pytest.mark.needs("files", "processes")
@pytest.mark.parametrize(
    "text", [SLEEPS, "while True: pass", MANY_THREADS, MANY_PROCESSES], ids=["sleeps", "spins", "threads", "processes"]
)
def test_who_had_the_time_is_ended(text):
    started = time.monotonic()
    assert run(text).problems == {"cell0": "took longer than 1 s"}
    assert time.monotonic() - started < 15


@pytest.mark.needs("files", "processes")
def test_a_limit_is_told_as_it_is_set():
    limits = Limits(cell_seconds=0.25, notebook_seconds=30)
    assert run("while True: pass", limits=limits).problems == {"cell0": "took longer than 0.25 s"}
