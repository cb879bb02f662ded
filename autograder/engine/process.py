"""A process for one notebook: forked from a process that has done the imports, and shut in."""

import atexit
import contextlib
import json
import os
import pickle
import shutil
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
from autograder.engine.memory import TOO_MUCH
from autograder.engine.sandbox import PROCESSES
from tito.limits import Limits

MAX_PARTS = 500_000  # lists and dicts in a cell's report: a short text can hold many
START_SECONDS = 60
ANSWER_SECONDS = 300  # the zygote answers at once, but for the first time, when it imports


class Unsafe(Exception):
    """This machine lacks a protection that a submission must have to be run."""


class DoesNotFit(Exception):
    """The files of a submission are more than its folder may hold."""


class TooMuch(ValueError):
    """A cell's report is larger than any honest one: than what the message names."""


class Died(RuntimeError):
    """A process ended that no submission can have ended: the one that all others are forked from, or one that had not
    begun yet."""


@dataclass
class Process:
    """Runs cells one after the other. Nothing is left of the process when its block ends.

    scratch: its folder
    files: the content of that folder, path → content
    libraries: names of modules to import before the fork
    isolated: whether the process is shut in; entering raises Unsafe where it can't be
    kernel: name of a kernel's connection file, to run an IPython kernel instead
    """

    scratch: Path
    seed: int
    limits: Limits
    files: dict[str, bytes] = field(default_factory=dict)
    libraries: tuple[str, ...] = ()
    isolated: bool = True
    kernel: str | None = None
    active: frozenset[str] = frozenset()  # the protections that are in force
    worker: int | None = None  # the process that runs the cells, as this machine numbers it
    waited: float = 0.0  # seconds for which it had no core
    ended: int | None = None  # its exit code

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
        """Hand over the files. The answer can be believed: no student code has run yet."""
        try:
            self._send(pickle.dumps(self.files))
            answer = json.loads(self._receive(clock))
        except (EOFError, BrokenPipeError, ConnectionResetError):
            raise Died("A process for a submission ended as soon as it began; see the messages above.") from None
        except TimeoutError:
            raise Died(f"A process for a submission did not begin within {START_SECONDS} s.") from None
        if "problem" in answer:
            raise Unsafe(answer["problem"])
        if "unsettled" in answer:
            raise DoesNotFit(
                f"the folder of a run, of {self.limits.files_mb} MB, can't hold its files: {answer['unsettled']}"
            )
        self.active = frozenset(answer["active"])
        self.worker = innermost(self.pid)
        self.waited = waited(self.worker)
        self.begun = time.monotonic() - self.waited  # what it waited for before is no time that it had

    def had(self) -> float:
        """Seconds of its time that the submission has had so far."""
        self.waited = waited(self.worker) or self.waited
        return time.monotonic() - self.begun - self.waited

    def run(self, text: str, seconds: float) -> tuple[list, str | None, str | None]:
        """Run a cell; what its checks reported, the exception that ended it, and why the process is unusable now.

        Nothing that comes back is trusted: unless it is JSON of limited size, in time, the process is unusable.
        """
        clock = Clock(self.worker, seconds)
        try:
            self._send(json.dumps(text).encode())
            return *_parsed(self._receive(clock)), None
        except TimeoutError:
            return [], None, f"took longer than {round(seconds, 3):g} s"
        except (EOFError, OSError):
            self.zygote.refuse_if_dead()
            return [], None, self._how_it_ended()
        except TooMuch as error:
            return [], None, f"reported more than {error}"
        except (ValueError, KeyError, TypeError, RecursionError):
            return [], None, "wrote into the grader's channel"

    def _send(self, message: bytes) -> None:
        self.socket.settimeout(START_SECONDS)  # the other side has nothing else to do
        self.socket.sendall(struct.pack("!i", len(message)) + message)

    def _receive(self, clock: Clock) -> bytes:
        """A message in the form of multiprocessing's Connection. Raises TimeoutError if it does not end in time."""
        (size,) = struct.unpack("!i", self._bytes(4, clock))
        if size < 0:
            raise ValueError("a message of a negative length")
        if size > self.limits.reports_mb * 1_000_000:
            raise TooMuch(f"{self.limits.reports_mb} MB")
        return self._bytes(size, clock)

    def _bytes(self, count: int, clock: Clock) -> bytes:
        """So many bytes. The clock is asked when nothing more has come: who looks late takes no cell from anybody."""
        found, patience = bytearray(), 0.0
        while len(found) < count:
            self.socket.settimeout(patience)
            try:
                part = self.socket.recv(min(count - len(found), 1_000_000))
            except (BlockingIOError, TimeoutError):
                patience = max(0.001, clock.left())
                continue
            if not part:
                raise EOFError
            found += part
            patience = 0.0
        return bytes(found)

    def _how_it_ended(self) -> str:
        too_much = self._end() == TOO_MUCH and PROCESSES in self.active
        return f"used more than {self.limits.memory_mb} MB of memory" if too_much else "ended the Python process"

    def _end(self) -> int:
        """End what is left of it; its exit code."""
        if self.ended is None:
            self.socket.close()
            self.ended = self.zygote.ask({"end": {"child": self.pid, "kept": PROCESSES in self.active}})
        return self.ended

    def __exit__(self, *error) -> None:
        with contextlib.suppress(Died):  # then this process is gone, too
            self._end()


def _parsed(reply: bytes) -> tuple[list, str | None]:
    """Messages and the name of an exception. Raises TooMuch, ValueError, KeyError, TypeError or RecursionError."""
    if reply.count(b"[") + reply.count(b"{") > MAX_PARTS:
        raise TooMuch(f"{MAX_PARTS:,} parts")
    found = json.loads(reply)
    messages, raised = found["messages"], found["raised"]
    if not isinstance(messages, list) or not isinstance(raised, str | None):
        raise TypeError("not what the other side sends")
    return messages, raised


@cache
def home() -> str:
    """The folder in which the submissions that this process runs have theirs. It goes when this process ends."""
    folder = tempfile.mkdtemp(prefix="tinytorch-home-")
    os.chmod(folder, 0o711)  # where the grader is root, others must reach their own in it
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


class _Zygote:
    """The parent's end of zygote.py."""

    stopped = False

    def __init__(self):
        self.lock = threading.Lock()
        self.control, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.engine.start", str(theirs.fileno()), home()],
            pass_fds=[theirs.fileno()],
            env=_environment(),
            cwd=home(),
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
        theirs.close()
        self.control.settimeout(ANSWER_SECONDS)

    def ask(self, request: dict, descriptors: list[int] | None = None) -> int:
        """Send a request with file descriptors; the number that comes back. Raises Died or RuntimeError."""
        with self.lock, contextlib.suppress(BrokenPipeError, ConnectionResetError):
            try:
                socket.send_fds(self.control, [json.dumps(request).encode()], descriptors or [])
                answer = self.control.recv(64)
            except TimeoutError:
                self.process.kill()  # it hangs, and a new one will not
                answer = b""
            if answer:
                return int(answer)
        self.refuse_if_dead(seconds=5)
        raise RuntimeError("The process that runs submissions does not answer.")

    def refuse_if_dead(self, seconds: float = 0.2) -> None:
        """Raises Died if the process has ended, or ends within `seconds`; RuntimeError if `stop` ended it."""
        if self.stopped:
            raise RuntimeError("Stopped.")
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
            raise Died("The process that runs submissions has ended.")

    def close(self) -> None:
        """End the process."""
        self.control.close()
        self.process.wait()


def stop() -> None:
    """End all submissions that run now, in any thread."""
    zygote = _zygote()
    zygote.stopped = True
    zygote.control.shutdown(socket.SHUT_RDWR)
    _make_zygote.cache_clear()


_making = threading.Lock()


def _zygote() -> _Zygote:
    """The zygote that all threads of this process share; a new one if it has died."""
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
    """The same for all submissions, nothing of the grader's: one thread for BLAS and Numba, one order for sets."""
    fonts = os.environ.get("MPLCONFIGDIR", str(Path.home() / ".cache" / "matplotlib"))
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "C.UTF-8",
        "MPLCONFIGDIR": fonts,  # where the list of fonts is, so that no submission waits for it
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "NUMBA_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "TINYTORCH_GRADER": str(os.getpid()),  # tells whose a process is, should one be left behind
    }
