"""Places where submissions are worked on: threads of this process, or the workers of a Dask cluster.

A Dask scheduler gives the work of a dead worker to another, so the work must be a pure function of its arguments.
"""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context
from typing import Any

from tito.workspace import UserError


@dataclass(frozen=True)
class Options:
    """How submissions are run.

    jobs: how many run at a time; None for one on each core
    scheduler: address of a Dask scheduler; None for this machine
    isolated: whether to refuse submissions where they can't be shut in
    kernel: whether submissions run in a real IPython kernel
    """

    jobs: int | None = None
    scheduler: str | None = None
    isolated: bool = True
    kernel: bool = False

    @property
    def of_a_job(self) -> dict[str, bool]:
        """The options that a `Job` has, too."""
        return {"isolated": self.isolated, "kernel": self.kernel}


HERE = Options()  # on all cores of this machine
SCHEDULER_SECONDS = 10  # until a scheduler answers
IGNORED = (signal.SIGINT, signal.SIG_IGN)


def beside(processes: int | None = None) -> ProcessPoolExecutor:
    """Processes for the course's own work, beside this one; None for one on each core.

    A Ctrl-C reaches all processes of a terminal. This process alone has to answer it.
    """
    return ProcessPoolExecutor(processes or os.cpu_count(), get_context("spawn"), signal.signal, IGNORED)


@contextmanager
def ending_others() -> Iterator[None]:
    """End the processes of `beside` at once if the block does not end well: nobody waits for what they do."""
    try:
        yield
    except BaseException:
        for process in active_children():
            process.terminate()
        raise


class Threads:
    """Threads of this process, which wait: each submission runs in a process of its own."""

    def __init__(self, jobs: int | None):
        jobs = jobs or os.cpu_count() or 1
        self.ahead = jobs + 1  # with one more piece of work than threads, no thread waits
        self.executor = ThreadPoolExecutor(jobs)

    def __enter__(self) -> "Threads":
        return self

    def __exit__(self, *error) -> None:
        self.executor.shutdown(wait=not error[0], cancel_futures=True)

    def submit(self, function, *arguments, **options) -> Future:
        """Call `function` in some thread; the future gives its result."""
        return self.executor.submit(function, *arguments, **options)

    def some_done(self, running) -> set[Future]:
        """Wait until a future in `running` is done; all that are. An empty set if nothing runs."""
        return wait(running, return_when=FIRST_COMPLETED).done if running else set()


class Cluster:
    """The workers of a Dask scheduler. They need this package, but no disk shared with this machine."""

    def __init__(self, scheduler: str):
        try:
            from distributed import Client
        except ImportError:
            raise UserError("Dask is not installed: pip install 'tinytorch-course[cluster]'") from None
        try:
            self.client: Any = Client(scheduler, timeout=SCHEDULER_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UserError(f"No Dask scheduler answers at {scheduler}: {error}") from None
        self.ahead = 2 + 2 * sum(self.client.nthreads().values())

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *error) -> None:
        self.client.close()

    def share(self, value) -> Any:
        """Send a large value to all workers, once. The result stands for the value in arguments of `submit`."""
        return self.client.scatter(value, broadcast=True, hash=False)

    def submit(self, function, *arguments, **options) -> Any:
        """As `Threads.submit`, on any worker."""
        return self.client.submit(function, *arguments, **options, retries=3, pure=False)

    def some_done(self, running) -> set:
        """As `Threads.some_done`."""
        from distributed import wait

        if not running:
            return set()
        with self.client.as_current():
            finished: Any = wait(list(running), return_when="FIRST_COMPLETED")  # typed as a coroutine, too
        return finished.done
