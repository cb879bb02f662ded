"""The memory of all processes of a submission together, watched by process 1 of its namespace.

The limit of each process (RLIMIT_AS) does not bound many of them. What they share, with each other or with the process
that all submissions are forked from, counts in parts: the kernel's proportional set size. Descriptors beyond the usual
number count as if each were a full socket.
"""

import contextlib
import os
import select
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.engine.clock import family

TOO_MUCH = 99  # the code with which process 1 ends then; the kernel ends all the others after it
EVERY = 0.1  # seconds between two looks,
SHARE = 20  # or so many times as long as the last one took
COUNTED = (b"Pss_Anon:", b"Pss_Shmem:")
ROUGHLY = (b"RssAnon:", b"RssShmem:")
BUFFER = 212_992  # bytes that may wait in a socket; no process is charged with them
USUAL = 64  # descriptors that each process has room for from the beginning


def end_above(child: int, most_mb: int) -> int:
    """Wait for a child and whatever is inherited; an exit code, TOO_MUCH once all of them use more than `most_mb`."""
    try:
        ended = select.poll()
        ended.register(os.pidfd_open(child), select.POLLIN)
    except OSError:  # before Linux 5.3
        return _only_wait(child)
    pause = EVERY
    while not ended.poll(1000 * pause):
        _reap()
        begun = time.process_time()
        if _all_together() > most_mb * 2**20:
            return TOO_MUCH
        pause = max(EVERY, SHARE * (time.process_time() - begun))
    return 0


def _only_wait(child: int) -> int:
    while os.wait()[0] != child:
        pass
    return 0


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _all_together() -> int:
    """Bytes that the processes of this namespace use, without process 1. One alone is bounded by its own limit.

    Where /proc could not be mounted anew, it shows other processes, too, and gives other numbers to these.
    """
    others = family(int(os.readlink("/proc/self")))[1:]
    return sum(map(_used_by, others)) if len(others) > 1 else 0


def _used_by(process: int) -> int:
    try:
        return _pages_of(process) + BUFFER * max(0, sum(_fields(process, "status", (b"FDSize:",))) - USUAL)
    except OSError:  # it has just ended
        return 0


def _pages_of(process: int) -> int:
    try:
        return 1024 * sum(_fields(process, "smaps_rollup", COUNTED))
    except PermissionError:  # root without CAP_SYS_PTRACE
        return 1024 * max(0, sum(_fields(process, "status", ROUGHLY)) - sum(_fields("self", "status", ROUGHLY)))


def _fields(process: int | str, file: str, names: tuple[bytes, ...]) -> Iterator[int]:
    for line in Path(f"/proc/{process}/{file}").read_bytes().splitlines():
        if line.startswith(names):
            yield int(line.split()[1])
