"""A process of its own for a notebook, forked from one that has the imports done."""

import atexit
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from functools import cache
from pathlib import Path

MAX_BYTES = 16_000_000  # of all that the checks of one cell report
MAX_PARTS = 500_000  # lists and dicts in it: a short text can make many


class Process:
    """Runs cells one after the other; nothing of it is left when its block ends."""

    def __init__(self, scratch: Path, seed: int):
        self.scratch, self.seed = scratch, seed

    def __enter__(self) -> "Process":
        self.socket, theirs = socket.socketpair()
        self.zygote = _zygote()
        self.pid = self.zygote.ask({"fork": {"scratch": str(self.scratch), "seed": self.seed}}, [theirs.fileno()])
        theirs.close()
        return self

    def run(self, text: str, seconds: float) -> tuple[list, str | None, str | None]:
        """What the checks of a cell reported, the exception that ended it, and why the process is of no more use.

        Nothing that comes back is trusted: it is JSON of limited size, in time, or the process is of no more use.
        """
        deadline = time.monotonic() + seconds
        try:
            self._send(json.dumps(text).encode(), deadline)
            return *_parsed(self._receive(deadline)), None
        except TimeoutError:
            return [], None, f"took longer than {seconds:.0f} s"
        except (EOFError, OSError):
            return [], None, "ended the Python process"
        except (ValueError, KeyError, TypeError, RecursionError):
            return [], None, "wrote into the grader's channel"

    def _send(self, message: bytes, deadline: float) -> None:
        self.socket.settimeout(_left(deadline))
        self.socket.sendall(struct.pack("!i", len(message)) + message)

    def _receive(self, deadline: float) -> bytes:
        """A message as multiprocessing's Connection writes it, except that one that never ends is given up."""
        (size,) = struct.unpack("!i", self._bytes(4, deadline))
        if not 0 <= size <= MAX_BYTES:
            raise ValueError("a message that is too long")
        return self._bytes(size, deadline)

    def _bytes(self, count: int, deadline: float) -> bytes:
        found = bytearray()
        while len(found) < count:
            self.socket.settimeout(_left(deadline))
            part = self.socket.recv(min(count - len(found), 1_000_000))
            if not part:
                raise EOFError
            found += part
        return bytes(found)

    def __exit__(self, *error) -> None:
        self.socket.close()
        self.zygote.ask({"end": self.pid})


def _left(deadline: float) -> float:
    return max(0.001, deadline - time.monotonic())


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
    """The parent's end of autograder/zygote.py."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="tinytorch-home-")
        self.lock = threading.Lock()
        self.control, theirs = socket.socketpair()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "autograder.zygote", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=_environment(),
            cwd=self.home.name,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is the parent's to handle
        )
        theirs.close()

    def ask(self, request: dict, descriptors: list[int] | None = None) -> int:
        with self.lock:
            socket.send_fds(self.control, [json.dumps(request).encode()], descriptors or [])
            answer = self.control.recv(64)
        if not answer:
            raise RuntimeError("The process that runs submissions has ended; see the messages above.")
        return int(answer)

    def close(self) -> None:
        self.control.close()
        self.process.wait()
        self.home.cleanup()


def stop() -> None:
    """End all that runs now, in whichever thread."""
    _zygote().control.shutdown(socket.SHUT_RDWR)
    _make_zygote.cache_clear()


_making = threading.Lock()


def _zygote() -> _Zygote:
    """The one of this process, whichever thread asks first."""
    with _making:
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
    }
