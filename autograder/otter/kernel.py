"""Kernels that are forked from one warm process instead of started: a class is graded in a fraction of the time.

The warm process is multiprocessing's fork server. It has otter and the checks imported before any submission is
there, so a submission's own otter/, tito/ or numpy.py is never what gets imported in their place.
"""

import multiprocessing
import os
import signal
import sys
import uuid

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(
    [
        __name__,
        "ipykernel.debugger",
        "ipykernel.kernelapp",
        "matplotlib.pyplot",
        "otter",
        "otter.execute",
        "tito.checks",
    ]
)

# As in nbgrader's runs: one thread for BLAS, one order for sets, no windows; and nothing of the grader's own.
KEPT = ("PATH", "LANG", "MPLCONFIGDIR")
ENVIRONMENT = {
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
}


def serve(connection_file: str, folder: str, hidden_path: str) -> None:
    """Be the kernel of one notebook: runs in the forked process.

    hidden_path: an entry of sys.path that is the grader's own
    """
    from ipykernel.kernelapp import IPKernelApp

    os.setsid()
    os.chdir(folder)
    kept = {name: value for name, value in os.environ.items() if name in (*KEPT, *ENVIRONMENT)}
    os.environ.clear()
    os.environ |= kept | dict.fromkeys(("HOME", "TMPDIR", "IPYTHONDIR"), folder)
    sys.path[:] = [folder, *(entry for entry in sys.path if entry not in ("", hidden_path))]
    for descriptor in (0, 1, 2):
        os.dup2(os.open(os.devnull, os.O_RDWR), descriptor)
    arguments = ["-f", connection_file, "--HistoryManager.enabled=False"]
    arguments.append(f"--IPKernelApp.parent_handle={os.getppid()}")  # end with the warm process, and it with otter
    IPKernelApp.launch_instance(arguments)


class Forked:
    """A forked process with the part of subprocess.Popen's interface that jupyter_client uses."""

    stdin = stdout = stderr = None

    def __init__(self, *arguments: str):
        self._process = CONTEXT.Process(target=serve, args=arguments)
        self._process.start()
        self.pid = self._process.pid

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self) -> int | None:
        self._process.join()
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Provisioner(LocalProvisioner):
    async def launch_kernel(self, cmd, **kwargs):
        self.process = Forked(self.parent.connection_file, os.getcwd(), os.environ.get("PYTHONPATH", ""))
        self.pid = self.pgid = self.process.pid
        return self.connection_info


class KernelManager(AsyncKernelManager):
    """jupyter_client's own, except for where its kernels come from."""

    def __init__(self, **kwargs):
        super().__init__(transport="ipc", **kwargs)
        self.provisioner = Provisioner(kernel_id=str(uuid.uuid4()), kernel_spec=self.kernel_spec, parent=self)
