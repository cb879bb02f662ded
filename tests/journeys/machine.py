"""A machine of the test's own: mounts, processes, users and a loopback that nothing else here sees; all end with it.

What takes minutes to install is kept in .cache/hub/, and laid where an operator would have it.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = os.path.realpath(sys._base_executable)
COURSE, HUB, EXCHANGE = "/srv/tinytorch", "/srv/hub", "/usr/local/share/nbgrader/exchange"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CLONE_NEWNET = 0x40000000
COVERED = ("etc", "home", "srv", "usr/local/share", "tmp")  # tmp comes last, because all lies there


class Machine:
    """Everything is started as one of its users, in namespaces of its own. Only root can make it."""

    def __init__(self, folder: Path, course: Path, shared: dict[str, Path]):
        """Make it, and start its process 1.

        folder: where its files lie
        course: the course's folder, a copy of which becomes /srv/tinytorch
        shared: folders of this machine, by the places where they are to be seen in there
        """
        self.folder, self.shared = folder, kept() | shared
        self.variables: dict[str, dict[str, str]] = {}  # of the environment, by user
        for name in ("home", "srv/hub", "tmp", "usr/local/share"):
            (folder / name).mkdir(parents=True)
        folder.joinpath("tmp").chmod(0o1777)
        shutil.copytree("/etc", folder / "etc", symlinks=True)
        shutil.copytree(course, folder / COURSE[1:], symlinks=True)
        for source in self.shared.values():
            source.mkdir(parents=True, exist_ok=True)
        self.process = self._start()
        self.home_network = os.open("/proc/self/ns/net", os.O_RDONLY)

    def _start(self) -> subprocess.Popen:
        inner, closed = dict(self.shared), closed_to_others(Path(sys.base_prefix))
        if closed:  # cover it with a folder that has nothing but this Python, and what was fetched before
            inner |= {str(path): path for path in (Path(sys.base_prefix), Path("/root/.cache")) if path.is_dir()}
        for place in inner:
            (self.folder / place[1:]).mkdir(parents=True, exist_ok=True)
        lines = ["set -e", "mount --make-rprivate /", "cd $1"]
        lines += [f"mount --bind '{source}' '{place[1:]}'" for place, source in inner.items()]
        lines += [f"mount --rbind '{name}' '/{name}'" for name in (*filter(None, [closed[1:]]), *COVERED)]
        lines += ["ip link set lo up", "echo ready", "exec sleep infinity"]
        own = ["--mount", "--pid", "--net", "--fork", "--kill-child", "--mount-proc"]
        command = ["unshare", *own, "sh", "-c", "\n".join(lines), "sh", str(self.folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    @property
    def _first(self) -> str:
        """The process that is process 1 in there."""
        return Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()[0]

    def command(self, user: str, line: str, network: bool = False, **environment: str) -> list[str]:
        """How to run a line of shell in there as `user`. network: with this machine's network, to install packages"""
        inside = ["nsenter", "--target", self._first, "--mount", "--pid", *([] if network else ["--net"]), "--"]
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {"HOME": home, "USER": user, "LOGNAME": user, "PATH": PATH, "LANG": "C.UTF-8"}
        variables |= self.variables.get(user, {}) | environment
        named = [f"{name}={value}" for name, value in variables.items()]
        return [*inside, "runuser", "-u", user, "--", "env", "-i", *named, "bash", "-c", f"cd; {line}"]

    def run(self, user: str, line: str, code: int = 0, **options) -> str:
        """Output of a line of shell, which must end with the exit code `code`."""
        command = self.command(user, line, **options)
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd="/")
        assert done.returncode == code, f"{user}$ {line}\n{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def start(self, user: str, line: str) -> subprocess.Popen:
        """Start what runs until the machine ends, or it is told to end. What it says lies in log.txt."""
        with open(self.folder / "log.txt", "a") as log:
            return subprocess.Popen(self.command(user, line), stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/")

    def enter_network(self) -> None:
        """From now on this thread's connections go to the machine's loopback."""
        with open(f"/proc/{self._first}/ns/net") as network:
            _set_network(network.fileno())

    def end(self) -> None:
        """End all that runs in there."""
        self.process.kill()  # and process 1 with it, and all others with that
        self.process.wait(300)
        _set_network(self.home_network)
        os.close(self.home_network)


def _set_network(descriptor: int) -> None:
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


def closed_to_others(folder: Path) -> str:
    """The first folder on the way to `folder` that others may not enter, such as /root; "" where there is none."""
    way = [*reversed(folder.parents), folder]
    return next((str(one) for one in way if not one.stat().st_mode & 0o001), "")


def kept() -> dict[str, Path]:
    """What outlives a test: place in the machine → folder. Other pins, or another Python, get folders of their own."""
    pins = [ROOT / "requirements.txt", *sorted((ROOT / "deploy/jupyterhub").rglob("*requirements.txt"))]
    content = b"".join(path.read_bytes() for path in pins) + sys.version.encode()
    folder = ROOT / ".cache" / "hub" / hashlib.sha256(content).hexdigest()[:16]
    places = {f"{COURSE}/.venv": "venv", f"{HUB}/env": "env", f"{HUB}/node_modules": "node_modules"}
    return {place: folder / name for place, name in places.items()}
