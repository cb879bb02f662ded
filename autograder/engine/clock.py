"""The time that a submission had. What a busy machine took from it does not count: that costs nobody a point.

A thread that is ready, and waits because others have all cores, does not spend its time. Linux counts such waiting for
each thread in /proc/<pid>/task/<tid>/schedstat (Documentation/scheduler/sched-stats.rst), in nanoseconds.
"""

import os
import time
from collections import defaultdict
from pathlib import Path

PATIENCE = 10  # times its limit: so long a cell may take on a machine that is too busy
SHORTEST = 0.05  # seconds between two looks at a submission that has not had its time yet
OFTEN = 0.1  # of the limit, at most, between two looks: what a thread waited since the last one ends with the thread


class Clock:
    """The limit of one wait. `worker` is the process that is waited for, or None where nobody can tell."""

    def __init__(self, worker: int | None, seconds: float):
        self.worker, self.seconds, self.begun = worker, seconds, time.monotonic()
        self.look = self.begun + OFTEN * seconds
        self.computed_before, self.waited_before = _computed(worker), waited(worker)
        self.waits: dict[int, float] = {}  # of other threads: a cell waits for one after the other, and they end

    def left(self) -> float:
        """Seconds until the next look. Raises TimeoutError when the submission has had its time."""
        now = time.monotonic()
        if now >= self.look:
            passed = now - self.begun
            had = self._had(passed)
            if min(passed, had) >= self.seconds or passed >= PATIENCE * self.seconds:
                raise TimeoutError
            self.look = now + max(SHORTEST, min(self.seconds - had, OFTEN * self.seconds))
        return self.look - now

    def _had(self, passed: float) -> float:
        """What of the time that has passed the submission could use; or more, if it computes on several cores."""
        if self.worker is None:
            return passed
        members = family(self.worker)
        computed = sum(map(_computed, members)) - self.computed_before
        for pid in members:
            self.waits |= _waits(pid, self.worker)
        return max(computed, passed - (waited(self.worker) - self.waited_before) - sum(self.waits.values()))


def waited(pid: int | None) -> float:
    """Seconds for which the main thread of a process was ready and had no core; 0 where nobody counts."""
    return _wait(Path(f"/proc/{pid}/schedstat"))


def innermost(pid: int) -> int | None:
    """The process at the end of a line of children that begins with `pid`; None where that can't be seen."""
    children = _children()
    while pid in children:
        pid = children[pid][0]
    return pid if Path(f"/proc/{pid}/schedstat").exists() else None


def _waits(pid: int, worker: int) -> dict[int, float]:
    """Of the threads that a cell may wait for. The worker's main thread is counted from the cell's start, elsewhere."""
    tasks = Path(f"/proc/{pid}/task")
    try:
        threads = [int(path.name) for path in tasks.iterdir()]
    except OSError:  # it has just ended
        return {}
    return {thread: _wait(tasks / str(thread) / "schedstat") for thread in threads if thread != worker}


def _wait(path: Path) -> float:
    try:
        return int(path.read_bytes().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def _computed(pid: int | None) -> float:
    """Seconds of CPU that a process used, with all its threads and its children that have ended."""
    try:
        fields = _stat(pid)
    except (OSError, ValueError):
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    children, found = _children(), [pid]
    for one in found:
        found += children.get(one, [])
    return found


def _children() -> dict[int, list[int]]:
    """parent → children, of all processes on this machine."""
    found = defaultdict(list)
    for path in Path("/proc").glob("[0-9]*"):
        try:
            found[int(_stat(int(path.name))[1])].append(int(path.name))
        except (OSError, ValueError, IndexError):  # it has just ended
            continue
    return found


def _stat(pid: int | None) -> list[bytes]:
    """The fields of /proc/<pid>/stat after the name, which may hold anything."""
    return Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
