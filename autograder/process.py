"""A process of its own for a notebook, forked from one that has the imports done."""

import atexit
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path

MAX_BYTES = 64_000_000  # of all that the checks of one cell report


class Process:
    """Runs cells one after the other; nothing of it is left when its block ends."""

    def __init__(self, scratch: Path, seed: int):
        self.scratch, self.seed = scratch, seed

    def __enter__(self) -> "Process":
        ours, theirs = socket.socketpair()
        self.connection = Connection(ours.detach())
        self.pid = _zygote().ask({"fork": {"scratch": str(self.scratch), "seed": self.seed}}, [theirs.fileno()])
        theirs.close()
        return self

    def run(self, text: str, seconds: float) -> tuple[list, str | None, str | None]:
        """What the checks of a cell reported, the exception that ended it, and why the process is of no more use.

        Nothing that comes back is trusted: it is JSON of limited size, or the process has ended itself.
        """
        try:
            self.connection.send_bytes(json.dumps(text).encode())
            if not self.connection.poll(seconds):
                return [], None, f"took longer than {seconds:.0f} s"
            reply = json.loads(self.connection.recv_bytes(MAX_BYTES))
            messages, raised = reply["messages"], reply["raised"]
        except (EOFError, OSError):
            return [], None, "ended the Python process"
        except (ValueError, KeyError, TypeError, RecursionError):
            return [], None, "wrote into the grader's channel"
        if not isinstance(messages, list) or not isinstance(raised, str | None):
            return [], None, "wrote into the grader's channel"
        return messages, raised, None

    def __exit__(self, *error) -> None:
        self.connection.close()
        _zygote().ask({"end": self.pid})


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


@cache
def _zygote() -> _Zygote:
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
