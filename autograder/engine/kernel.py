"""The compatibility mode: submissions run in a real IPython kernel, shut in like all others.

It serves notebooks that need a kernel, and shows that the quick way (process.py) gives the same scores. A kernel
provisioner of jupyter_client forks the kernel from the warm process, instead of starting it.
"""

import json
import queue
from collections.abc import Callable
from pathlib import Path

import zmq
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from traitlets import Instance

from autograder.engine.clock import Clock
from autograder.engine.process import Process
from tito import checks

NAME = "tinytorch-sandbox"
FILE = ".kernel.json"  # where the kernel finds its sockets
SOCKETS = "kernel"  # how the names of its sockets begin
BEGIN = "from tito import checks; checks.start_grading({seed})"


class Provisioner(KernelProvisionerBase):
    """Provides a kernel in a process that is forked and shut in. jupyter_client finds it under NAME."""

    parent: "_Manager"
    process: Process | None = None

    @property
    def has_process(self) -> bool:
        """Whether the kernel runs."""
        return self.process is not None

    async def pre_launch(self, **options):
        """Choose the sockets of the kernel."""
        self.parent.write_connection_file()  # it also chooses the sockets' names
        self.connection_info = self.parent.get_connection_info()
        return await super().pre_launch(cmd=[], **options)

    async def launch_kernel(self, cmd, **options):
        """Fork the kernel; where to reach it."""
        found = json.loads(Path(self.parent.connection_file).read_text(encoding="utf-8"))
        inside = found | {"ip": SOCKETS}  # relative to its folder, which has another path there
        self.parent.submission.files[FILE] = json.dumps(inside).encode()
        self.process = self.parent.submission.__enter__()
        return self.connection_info

    async def poll(self) -> int | None:
        """None while the kernel runs, as subprocess does."""
        return None if self.process else 0

    async def wait(self) -> int | None:
        """An exit code at once: `kill` waits already."""
        return 0

    async def send_signal(self, signum: int) -> None:
        """Do nothing: a kernel that nobody wants any more is killed."""

    async def kill(self, restart: bool = False) -> None:
        """End the kernel's process."""
        if self.process:
            self.process.__exit__()
            self.process = None

    terminate = kill

    async def cleanup(self, restart: bool = False) -> None:
        """Do nothing: `kill` leaves nothing behind."""


class _Specs(KernelSpecManager):
    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(language="python", metadata={"kernel_provisioner": {"provisioner_name": NAME}})


class _Manager(KernelManager):
    submission = Instance(Process)


class KernelProcess(Process):
    """Runs cells as Process does, in a kernel."""

    def __enter__(self) -> "KernelProcess":
        submission = Process(
            self.scratch, self.seed, self.limits, dict(self.files), self.libraries, self.isolated, FILE
        )
        self.manager = _Manager(
            kernel_name=NAME,
            kernel_spec_manager=_Specs(),
            transport="ipc",
            ip=str(self.scratch / SOCKETS),
            submission=submission,
        )
        self.manager.start_kernel()
        self.active, self.worker = submission.active, submission.worker
        self.begun, self.waited = submission.begun, submission.waited
        self.client: BlockingKernelClient = self.manager.blocking_client()
        for channel in (self.client.iopub_channel, self.client.shell_channel):
            channel.socket.setsockopt(zmq.MAXMSGSIZE, self.limits.reports_mb * 1_000_000)
        self.client.start_channels(stdin=False)
        self.client.wait_for_ready(timeout=60)
        self.run(BEGIN.format(seed=self.seed), 60)
        return self

    def run(self, text: str, seconds: float) -> tuple[list, str | None, str | None]:
        """As `Process.run`."""
        clock = Clock(self.worker, seconds)
        sent = self.client.execute(text, allow_stdin=False)
        try:
            messages = self._messages(sent, clock)
            return messages, self._raised(sent, clock), None
        except TimeoutError:
            gone = not self.client.is_alive()
            return [], None, "ended the Python process" if gone else f"took longer than {round(seconds, 3):g} s"
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return [], None, "wrote into the grader's channel"

    def _messages(self, sent: str, clock: Clock) -> list:
        """What checks display before the kernel says that it is idle again."""
        found = []
        while True:
            message = _in_time(self.client.get_iopub_msg, clock)
            if message["parent_header"].get("msg_id") != sent:
                continue
            kind, content = message["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] == "idle":
                return found
            if kind == "display_data" and checks.MIME in content["data"]:
                found.append(content["data"][checks.MIME])

    def _raised(self, sent: str, clock: Clock) -> str | None:
        while True:
            message = _in_time(self.client.get_shell_msg, clock)
            if message["parent_header"].get("msg_id") == sent:
                return message["content"].get("ename")

    def __exit__(self, *error) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def _in_time(receive: Callable, clock: Clock) -> dict:
    """The next message. Raises TimeoutError when the submission has had its time."""
    while True:
        try:
            return receive(timeout=clock.left())
        except queue.Empty:
            continue
