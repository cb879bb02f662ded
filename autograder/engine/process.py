"""A process of its own for a notebook, forked from one that has the imports done, and shut in."""

import atexit
import contextlib
import json
import os
import pickle
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path

from autograder.engine.clock import Clock, innermost, waited
from autograder.engine.sandbox import PROCESSES
from tito.limits import Limits

MAX_PARTS = 500_000  # lists and dicts in what a cell reports: a short text can make many
START_SECONDS = 60


class Unsafe(Exception):
    """This machine lacks a protection without which nothing is run."""


class Died(RuntimeError):
    """A process ended, and no submission's code can have done it: the one that all are forked from, or one that had
    not begun yet."""


@dataclass
class Process:
    """Runs cells one after the other; nothing of it is left when its block ends.

    files: what lies in its folder, path → content
    libraries: names of modules to be imported before the fork
    isolated: whether it is shut in; Unsafe is raised where that can't be had
    """

    scratch: Path
    seed: int
    limits: Limits
    files: dict[str, bytes] = field(default_factory=dict)
    libraries: tuple[str, ...] = ()
    isolated: bool = True
    kernel: str | None = None
    active: frozenset[str] = frozenset()  # the protections it turned out to have
    worker: int | None = None  # the process that runs the cells, as this machine numbers it
    waited: float = 0.0  # seconds for which it had no core

    def __enter__(self) -> "Process":
        self.socket, theirs = socket.socketpair()
        self.zygote = _zygote()
        options = {"scratch": str(self.scratch), "seed": self.seed, "limits": asdict(self.limits)}
        options |= {"isolated": self.isolated, "kernel": self.kernel, "libraries": list(self.libraries)}
        self.pid = self.zygote.ask({"fork": options}, [theirs.fileno()])
        theirs.close()
        try:
            self._begin(Clock(None, START_SECONDS))
        except BaseException:
            self.__exit__()
            raise
        return self

    def _begin(self, clock: Clock) -> None:
        """Hand over the files. What comes back is the child's own word: no student code has run yet."""
        try:
            self._send(pickle.dumps(self.files))
            answer = json.loads(self._receive(clock))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise Died("A process for a submission ended as soon as it began; see the messages above.") from None
        if "problem" in answer:
            raise Unsafe(answer["problem"])
        self.active = frozenset(answer["active"])
        self.worker, self.begun = innermost(self.pid), time.monotonic()

    def had(self) -> float:
        """Seconds of its time that the submission has had so far."""
        self.waited = waited(self.worker) or self.waited
        return time.monotonic() - self.begun - self.waited

    def run(self, text: str, seconds: float) -> tuple[list, str | None, str | None]:
        """What the checks of a cell reported, the exception that ended it, and why the process is of no more use.

        Nothing that comes back is trusted: it is JSON of limited size, in time, or the process is of no more use.
        """
        clock = Clock(self.worker, seconds)
        try:
            self._send(json.dumps(text).encode())
            return *_parsed(self._receive(clock)), None
        except TimeoutError:
            return [], None, f"took longer than {seconds:.0f} s"
        except (EOFError, OSError):
            self.zygote.refuse_if_dead()
            return [], None, "ended the Python process"
        except (ValueError, KeyError, TypeError, RecursionError):
            return [], None, "wrote into the grader's channel"

    def _send(self, message: bytes) -> None:
        self.socket.settimeout(START_SECONDS)  # the other side has nothing else to do
        self.socket.sendall(struct.pack("!i", len(message)) + message)

    def _receive(self, clock: Clock) -> bytes:
        """A message as multiprocessing's Connection writes it, except that one that never ends is given up."""
        (size,) = struct.unpack("!i", self._bytes(4, clock))
        if not 0 <= size <= self.limits.reports_mb * 1_000_000:
            raise ValueError("a message that is too long")
        return self._bytes(size, clock)

    def _bytes(self, count: int, clock: Clock) -> bytes:
        found = bytearray()
        while len(found) < count:
            self.socket.settimeout(max(0.001, clock.left()))
            try:
                part = self.socket.recv(min(count - len(found), 1_000_000))
            except TimeoutError:
                continue
            if not part:
                raise EOFError
            found += part
        return bytes(found)

    def __exit__(self, *error) -> None:
        self.socket.close()
        with contextlib.suppress(Died):  # then this one is gone, too
            self.zygote.ask({"end": {"child": self.pid, "kept": PROCESSES in self.active}})


def _parsed(reply: bytes) -> tuple[list, str | None]:
    """Messages and the name of an exception. Raises ValueError, KeyError, TypeError or RecursionError."""
    if reply.count(b"[") + reply.count(b"{") > MAX_PARTS:
        raise ValueError("more parts than any check has")
    found = json.loads(reply)
    messages, raised = found["messages"], found["raised"]
    if not isinstance(messages, list) or not isinstance(raised, str | None):
        raise TypeError("not what the other side sends")
    return messages, raised


class _Zygote:
    """The parent's end of zygote.py."""

    stopped = False

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="tinytorch-home-")
        self.lock = threading.Lock()
        self.control, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.engine.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=_environment(),
            cwd=self.home.name,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
        theirs.close()

    def ask(self, request: dict, descriptors: list[int] | None = None) -> int:
        with self.lock, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            socket.send_fds(self.control, [json.dumps(request).encode()], descriptors or [])
            answer = self.control.recv(64)
            if answer:
                return int(answer)
        self.refuse_if_dead(seconds=5)
        raise RuntimeError("The process that runs submissions does not answer.")

    def refuse_if_dead(self, seconds: float = 0.2) -> None:
        """Raises Died if this process has ended, or does so in the next moment; RuntimeError if it was told to."""
        if self.stopped:
            raise RuntimeError("Stopped.")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
            raise Died("The process that runs submissions has ended.")

    def close(self) -> None:
        self.control.close()
        self.process.wait()
        self.home.cleanup()


def stop() -> None:
    """End all that runs now, in whichever thread."""
    zygote = _zygote()
    zygote.stopped = True
    zygote.control.shutdown(socket.SHUT_RDWR)
    _make_zygote.cache_clear()


_making = threading.Lock()


def _zygote() -> _Zygote:
    """The one of this process, whichever thread asks first; another one if it has died."""
    with _making:
        if _make_zygote().process.poll() is not None:
            _make_zygote.cache_clear()
        return _make_zygote()


@cache
def _make_zygote() -> _Zygote:
    zygote = _Zygote()
    atexit.register(zygote.close)
    return zygote


def _environment() -> dict[str, str]:
    """Nothing of the grader's own, the same for all: one thread for BLAS, one order for sets."""
    fonts = os.environ.get("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib"))
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": fonts,  # read before the first fork, so that no submission waits for the list of fonts
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "TINYTORCH_GRADER": str(os.getpid()),  # whose a process is, should one ever be left
    }
