"""Running a submission in otter's way: otter's own checks, in the student's kernel, right after the cell they are for.

What decides is not what otter says there, but what the course's checks report from there (see plugin.py).
"""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_code_cell, new_notebook

from autograder.execute import Job, Run
from autograder.otter.kernel import KernelManager
from tito import checks

MAX_MESSAGES = 500  # of one cell

PRELUDE = """
from otter import Notebook as _otter
_otter.init_grading_mode({tests!r})
from tito import checks as _checks
_checks.grade({seed})
del _otter, _checks
"""
CHECK = "from otter import Notebook as _otter\n_otter().check({name!r}, global_env=globals())\n"


class Client(NotebookClient):
    """Keeps of what a kernel says only what checks report, and that a cell has ended."""

    def process_message(self, msg, cell, cell_index):
        kind, data = msg["msg_type"], msg["content"].get("data", {})
        if kind == "display_data" and checks.MIME in data and len(cell.outputs) < MAX_MESSAGES:
            cell.outputs.append(data[checks.MIME])
        return super().process_message(msg, cell, cell_index) if kind == "status" else None


def execute(job: Job, tests: Path) -> Run:
    """Run every cell of `job` in the current folder; of a check cell, its test file in `tests`.

    A cell that takes too long, or after which the kernel is gone, costs only itself, as in autograder.execute.
    """
    run, started = Run(), time.monotonic()
    offenders: set[int] = set()
    start = 0
    while start is not None:
        start = _run_from(start, job, tests, offenders, run, started + job.limits["notebook_seconds"])
    run.seconds = time.monotonic() - started
    return run


@contextmanager
def _kernel(job: Job, tests: Path) -> Iterator[Client]:
    """A fresh kernel, in which otter knows where the test files are, and checks only report."""
    settings = {"kernel_manager_class": KernelManager, "allow_errors": True, "shutdown_kernel": "immediate"}
    client = Client(new_notebook(cells=[new_code_cell()]), **settings)
    with client.setup_kernel():
        client.execute_cell(new_code_cell(PRELUDE.format(tests=str(tests), seed=job.seed)), 0)
        yield client


def _run_from(start: int, job: Job, tests: Path, offenders: set[int], run: Run, deadline: float) -> int | None:
    """Run the cells from `start` on, after a replay of those before; the cell to go on with after a restart."""
    with _kernel(job, tests) as client:
        for index, (name, check, text) in enumerate(job.cells):
            if index in offenders or (index < start and check):
                continue
            left = deadline - time.monotonic()
            if left <= 0:
                _out_of_time(job, max(index, start), run)
                return None
            seconds = min(left, job.limits["cell_seconds"])
            messages, fatal = _run_cell(client, CHECK.format(name=name) if check else text, seconds)
            if check and index >= start:
                _collect(name, messages, fatal, run)
            if fatal:
                offenders.add(index)
                run.notes.append(f"{name or 'a cell of the student'}: {fatal}")
                return max(start, index + 1)
    return None


def _run_cell(client: Client, text: str, seconds: float) -> tuple[list, str | None]:
    """What checks reported, and why the kernel is of no more use. Nothing that comes back is trusted."""
    cell = new_code_cell(text)
    client.timeout = math.ceil(seconds)
    try:
        client.execute_cell(cell, 0)
    except CellTimeoutError:
        return [], f"took longer than {seconds:.0f} s"
    except DeadKernelError:
        return [], "ended the Python process"
    except Exception:  # a message that nobody can read
        return [], "wrote into the grader's channel"
    return cell.outputs, None


def _collect(name: str, messages: Sequence, fatal: str | None, run: Run) -> None:
    run.emissions[name] = list(messages)
    stopped = [message["name"] for message in messages if _is_stop(message)]
    if fatal or stopped:
        run.problems[name] = fatal or f"stopped with {checks.builtin_name(stopped[0])}"


def _is_stop(message) -> bool:
    return isinstance(message, dict) and message.get("kind") == "stopped" and "name" in message


def _out_of_time(job: Job, index: int, run: Run) -> None:
    run.notes.append(f"stopped after {job.limits['notebook_seconds']} s, the limit of the whole notebook")
    for name, check, _ in job.cells[index:]:
        if check and name not in run.emissions:
            run.problems[name] = "was not reached in the time of the whole notebook"
