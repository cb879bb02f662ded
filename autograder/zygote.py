"""The process that submissions are forked from: Python with IPython, numpy, matplotlib and the checks imported.

`python -m autograder.zygote FD` answers on the socket FD: `fork` starts a process that runs the cells
of one notebook, `end` makes sure that nothing of it is left. It runs no student code itself, and ends
with its parent, taking all its children along.
"""

import json
import os
import signal
import socket
import sys
from multiprocessing.connection import Connection

import matplotlib.font_manager  # noqa: F401  (reads the list of fonts, once for all)
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from tito import checks

MAX_MESSAGES = 500  # of one cell


class Collector(DisplayPublisher):
    """Keeps what checks report; what else a cell displays is not needed for grading."""

    messages: list = []  # noqa: RUF012  (replaced, never shared)

    def publish(self, data, *args, **kwargs):
        if checks.MIME in data and len(self.messages) < MAX_MESSAGES:
            self.messages.append(data[checks.MIME])


class Shell(InteractiveShell):
    """IPython without what only a person needs: no rendered tracebacks, no windows."""

    def showtraceback(self, *args, **kwargs):
        pass

    showsyntaxerror = showindentationerror = showtraceback

    def enable_gui(self, gui=None):
        pass


def make_shell() -> Shell:
    shell = Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.display_pub = Collector()
    return shell


def serve(connection: Connection, shell: Shell, scratch: str, seed: int) -> None:
    """Run cells as they come, until the other side hangs up."""
    os.setsid()
    os.chdir(scratch)
    os.environ |= dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR"), scratch)
    sys.path.insert(0, scratch)
    for descriptor in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    checks.grade(seed)
    while True:
        try:
            cell = json.loads(connection.recv_bytes())
        except EOFError:
            return
        connection.send_bytes(json.dumps(run(shell, cell)).encode())


def run(shell: Shell, text: str) -> dict:
    """What the checks of a cell report, and the name of the exception that ended it."""
    shell.display_pub.messages = []
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__  # IPython can't go on without
    result = shell.run_cell(text, store_history=True)
    error = result.error_before_exec or result.error_in_exec
    return {"messages": shell.display_pub.messages, "raised": type(error).__name__ if error else None}


def main(control: socket.socket) -> None:
    shell = make_shell()
    children: set[int] = set()
    try:
        while True:
            request, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
            if not request:
                return
            request = json.loads(request)
            if "end" in request:
                answer = end(request["end"], children)
            else:
                answer = fork(shell, control, descriptors[0], **request["fork"])
                children.add(answer)
            control.sendall(b"%d\n" % answer)
    finally:
        for child in list(children):
            end(child, children)


def fork(shell: Shell, control: socket.socket, descriptor: int, scratch: str, seed: int) -> int:
    child = os.fork()
    if child:
        os.close(descriptor)
        return child
    control.close()
    try:
        serve(Connection(descriptor), shell, scratch, seed)
    finally:
        os._exit(0)


def end(child: int, children: set[int]) -> int:
    """Kill a child with all that it started in its session, and reap it."""
    for kill in (os.killpg, os.kill):
        try:
            kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue
    os.waitpid(child, 0)
    children.discard(child)
    return child


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
