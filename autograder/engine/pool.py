"""Where work on submissions is done: in threads of this process, or on the workers of a Dask cluster.

A Dask scheduler gives the work of a dead worker to others, so the work must be a pure function of its arguments.
"""

import os
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from tito.workspace import UserError


@dataclass(frozen=True)
class Options:
    """How submissions are run.

    jobs: how many run at a time; None for one on each core
    scheduler: address of a Dask scheduler; None for this machine
    isolated: whether a submission is refused that can't be shut in
    kernel: whether a submission runs in a real IPython kernel
    """

    jobs: int | None = None
    scheduler: str | None = None
    isolated: bool = True
    kernel: bool = False

    @property
    def of_a_job(self) -> dict[str, bool]:
        """The part of the options that a `Job` has, too."""
        return {"isolated": self.isolated, "kernel": self.kernel}


HERE = Options()  # on all cores of this machine


class Threads:
    """The cores of this machine: each submission is a process anyway."""

    def __init__(self, jobs: int | None):
        jobs = jobs or os.cpu_count() or 1
        self.ahead = jobs + 1  # so much work may be submitted that no thread waits
        self.executor = ThreadPoolExecutor(jobs)

    def __enter__(self) -> "Threads":
        return self

    def __exit__(self, *error) -> None:
        self.executor.shutdown(wait=not error[0], cancel_futures=True)

    def submit(self, function, *arguments, **options) -> Future:
        """Call `function` some time soon; its result comes with the future."""
        return self.executor.submit(function, *arguments, **options)

    def some_done(self, running) -> set[Future]:
        """Those of the futures in `running` that are done, as soon as there is one; none if nothing runs."""
        return wait(running, return_when=FIRST_COMPLETED).done if running else set()


class Cluster:
    """The workers of a Dask scheduler. They need this package, and no disk shared with this machine."""

    def __init__(self, scheduler: str):
        try:
            from distributed import Client
        except ImportError:
            raise UserError("Dask is not installed: pip install 'tinytorch-course[cluster]'") from None
        try:
            self.client: Any = Client(scheduler, timeout=10, set_as_default=False)
        except (OSError, ValueError) as error:
            raise UserError(f"No Dask scheduler answers at {scheduler}: {error}") from None
        self.ahead = 2 + 2 * sum(self.client.nthreads().values())

    def __enter__(self) -> "Cluster":
        return self

    def __exit__(self, *error) -> None:
        self.client.close()

    def share(self, value) -> Any:
        """Send a large value to all workers, once; what comes back stands for the value in arguments of `submit`."""
        return self.client.scatter(value, broadcast=True, hash=False)

    def submit(self, function, *arguments, **options) -> Any:
        """As `Threads.submit`, on whichever worker is free."""
        return self.client.submit(function, *arguments, **options, retries=3, pure=False)

    def some_done(self, running) -> set:
        """As `Threads.some_done`."""
        from distributed import wait

        if not running:
            return set()
        with self.client.as_current():
            finished: Any = wait(list(running), return_when="FIRST_COMPLETED")  # typed as a coroutine, too
        return finished.done
