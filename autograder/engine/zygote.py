"""The process that submissions are forked from: Python with IPython, numpy, matplotlib and the checks imported.

`python -m autograder.engine.zygote FD` answers on the socket FD: `fork` starts a process that is shut in (sandbox.py)
and runs the cells of one notebook, `end` makes sure that nothing of it is left. The zygote runs no student code itself.
It ends with its parent, and takes all its children along.
"""

import contextlib
import functools
import gc
import importlib
import json
import math
import os
import pickle
import signal
import socket
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import matplotlib.font_manager  # noqa: F401  (reads the list of fonts, once for all)
import numpy as np
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import LSString, SList
from traitlets.config import Config

import tito
from autograder.engine import sandbox
from tito import checks
from tito.limits import Limits

MAX_MESSAGES = 500  # of one cell
NOT_FOUND = 127  # the exit code of a program that a shell does not find


class Reports(DisplayPublisher):
    """Keeps what checks report; what else a cell displays is not needed for grading."""

    messages: list = []  # noqa: RUF012  (replaced, never shared)

    def publish(self, data, *args, **kwargs):
        if checks.MIME in data and len(self.messages) < MAX_MESSAGES:
            self.messages.append(data[checks.MIME])


class Shell(InteractiveShell):
    """IPython without what only a person needs: no rendered tracebacks, no windows, no memory of what was printed.

    No program may run here. `!` and `%pip` say so as a shell does, by an exit code: the cell goes on.
    """

    def showtraceback(self, *args, **kwargs):
        pass

    showsyntaxerror = showindentationerror = showtraceback

    def enable_gui(self, gui=None):
        pass

    def ask_exit(self):
        """Do nothing: in JupyterLab a cell goes on after `exit()`, too."""

    def system(self, cmd):
        self.user_ns["_exit_code"] = NOT_FOUND

    def getoutput(self, cmd, split=True, depth=0):
        self.system(cmd)
        return SList() if split else LSString()

    @contextlib.contextmanager
    def _tee(self, channel):
        yield


def make_shell() -> Shell:
    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = Reports()
    for text in ("from tito import checks", "1 / 0", "("):  # what IPython does at the first time only is done
        shell.run_cell(text, store_history=False)
    shell.user_ns.pop("checks")
    return shell


# --- in the forked process --------------------------------------------------------------------------


def serve(
    connection: Connection,
    shell: Shell,
    means: sandbox.Means,
    scratch: str,
    seed: int,
    kernel: str | None,
    limits: dict,
    isolated: bool,
):
    """Shut this process in and run cells as they come, until the other side hangs up.

    kernel: the connection file of an IPython kernel to be instead, or None
    """
    try:
        place = sandbox.enter(Path(scratch), Limits(**limits), means, isolated, in_memory=not kernel)
    except (sandbox.NotShutIn, OSError) as problem:
        return connection.send_bytes(json.dumps({"problem": str(problem)}).encode())
    active = [name for name in sandbox.PROTECTIONS if name not in place.absent]
    files = pickle.loads(connection.recv_bytes())  # from the grader; nothing of the student's has run yet
    try:
        settle(str(place.scratch), files)
    except OSError as problem:  # how many files there are, and how large, is the student's choice
        return connection.send_bytes(json.dumps({"unsettled": problem.strerror}).encode())
    if kernel:
        return be_a_kernel(kernel, connection, active)
    checks.start_grading(seed)
    connection.send_bytes(json.dumps({"active": active}).encode())
    while True:
        connection.send_bytes(json.dumps(run_cell(shell, json.loads(connection.recv_bytes()))).encode())


def settle(scratch: str, files: dict[str, bytes]) -> None:
    """Be at home in the scratch folder, among the submission's files."""
    os.chdir(scratch)
    for name, content in files.items():
        path = Path(scratch, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    os.environ |= dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR"), scratch)
    sys.path.insert(0, scratch)
    tito.__path__ = [os.path.join(scratch, "tito")]  # what else of tito a notebook imports lies here, too
    for descriptor in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)


def run_cell(shell: Shell, text: str) -> dict:
    """What the checks of a cell report, and the name of the exception that ended it."""
    reports: Any = shell.display_pub  # a submission may have put anything there
    reports.messages = []
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # IPython can't go on without
    result = shell.run_cell(text, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    reports = shell.display_pub
    return {"messages": reports.messages, "raised": type(error).__name__ if error else None}


def be_a_kernel(file: str, connection: Connection, active: list[str]) -> None:
    """An ordinary IPython kernel, which speaks on the sockets that `file` names."""
    from ipykernel.kernelapp import IPKernelApp

    Shell.clear_instance()
    app = IPKernelApp.instance()
    app.initialize(["-f", file, "--HistoryManager.enabled=False", "--log-level=CRITICAL", "--no-stderr"])
    sys.path.insert(0, os.getcwd())  # which IPython has taken away
    its_shell: Any = type(app.shell)
    its_shell.system, its_shell.getoutput = Shell.system, Shell.getoutput
    connection.send_bytes(json.dumps({"active": active}).encode())
    connection.close()
    app.start()


# --- in the process that is forked from -------------------------------------------------------------


def main(control: socket.socket, means: sandbox.Means) -> None:
    shell = make_shell()
    sandbox.ready(means)
    gc.freeze()  # what is there now stays: a collection in a child need not touch, and so copy, all of it
    children: set[int] = set()
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the grader has gone, as it may at any time
            while answer_next(control, shell, means, children):
                pass
    finally:
        for child in list(children):
            end(child, True, children)


def answer_next(control: socket.socket, shell: Shell, means: sandbox.Means, children: set[int]) -> bool:
    """Do what the grader asks for next; False: it has hung up."""
    request, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
    if not request:
        return False
    request = json.loads(request)
    if "end" in request:
        answer = end(children=children, **request["end"])
    else:
        answer = fork(shell, means, control, descriptors[0], **request["fork"])
        children.add(answer)
    control.sendall(b"%d\n" % answer)
    return True


@functools.cache
def import_once(library: str) -> None:
    """Import a library once, here, rather than in each submission."""
    with contextlib.suppress(ImportError):
        importlib.import_module(library)
        if library == "numba":
            compile_something()


def compile_something() -> None:
    """Numba loads a good part of itself, and sets it up, when it first compiles; submissions need not do so again."""
    from numba import float32, int64, njit, void

    def touch(x, out, n):
        for i in range(0, min(x.shape[0], n), 2):
            bits, scale = x[i].view(np.int32), x.dtype.type(1 / math.sqrt(np.floor(x[i, 0]) / n))
            if scale != scale:
                return
            for j in range(bits.shape[0]):
                out[i, j] += scale * np.int32((bits[j] ^ np.int32(n)) << np.int32(1)).view(np.float32)

    matrix = float32[:, ::1]
    njit(void(matrix, matrix, int64), nogil=True, error_model="numpy", fastmath=True)(touch)


def fork(shell: Shell, means, control: socket.socket, descriptor: int, libraries: list[str], **options) -> int:
    for library in libraries:
        import_once(library)
    child = os.fork()
    if child:
        os.close(descriptor)
        return child
    control.close()
    try:
        with contextlib.suppress(EOFError, OSError):  # the grader has hung up
            serve(Connection(descriptor), shell, means, **options)
    finally:
        os._exit(0)


def end(child: int, kept: bool, children: set[int]) -> int:
    """End a child with all that it started, and reap it; its exit code.

    kept: whether it is a keeper, which then ends what it keeps, and itself after it
    """
    status = _status_if_it_ends(child)
    if status is None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM if kept else signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if not kept:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
    children.discard(child)
    return os.waitstatus_to_exitcode(status)


def _status_if_it_ends(child: int) -> int | None:
    """The status of a child that goes as soon as the other side hangs up, as it should: its time is accounted for."""
    for _ in range(50):
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return status
        time.sleep(0.001)
    return None


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])), sandbox.Means(**json.loads(sys.argv[2])))
