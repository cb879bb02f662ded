"""Shutting a process in, before it runs what a student wrote: Landlock, namespaces, limits.

`python -m autograder.engine.sandbox` tries every protection on this machine, and prints what came of it.

No single one is enough. Landlock lets the process reach the Python installation and its scratch folder, and nothing
else of the file system. Namespaces leave it without network, without other processes to see or signal, and with a
scratch folder in memory that has a size. Limits bound what it can use up. None of it needs root; where the grader is
root, the process also gives up being root.
"""

import ctypes
import functools
import json
import operator
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from tito.limits import Limits
from tito.workspace import UserError

FILES, PROCESSES, NETWORK, DISK, USER = PROTECTIONS = ("files", "processes", "network", "disk", "user")
WITHOUT = {
    FILES: "it can read and write your files",
    PROCESSES: "it can see and signal your processes, and start as many as it likes",
    NETWORK: "it can use the network",
    DISK: "it can fill the disk",
    USER: "it runs as root",
}

READABLE = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/proc/cpuinfo", "/proc/meminfo")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
FIRST_UID = 1_000_000  # above all that distributions give to people, services and containers' users

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = (
    0x00020000,
    0x08000000,
    0x10000000,
    0x20000000,
    0x40000000,
)
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class NotShutIn(Exception):
    """A protection that was asked for is not to be had here."""


# --- before the first fork ----------------------------------------------------------------------


def prepare() -> Callable[[Path], None] | None:
    """What to do once, in the process from which submissions are forked: `restrict` for `enter`, None without Landlock.

    As root, also makes Python reachable for ordinary users, in a mount namespace of this process's own.
    """
    if os.getuid() == 0 and hasattr(_libc, "unshare") and _libc.unshare(CLONE_NEWNS) == 0:
        _mount("none", "/", None, MS_REC | MS_PRIVATE)
        open_the_way_to({sys.base_prefix, sys.prefix})
    return _landlock()


def open_the_way_to(folders: set[str]) -> None:
    """Let everybody reach `folders`, whose parents may be closed to them: /root, say."""
    found = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in folders}
    for folder, descriptor in found.items():
        closed = next((parent for parent in reversed(Path(folder).parents) if _is_closed(parent)), None)
        if closed:
            _mount("tmpfs", str(closed), "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
        if not Path(folder).is_dir():
            Path(folder).mkdir(parents=True)
            _mount(f"/proc/self/fd/{descriptor}", folder, None, MS_BIND | MS_REC)
    for descriptor in found.values():
        os.close(descriptor)


def _is_closed(folder: Path) -> bool:
    return folder.is_dir() and not folder.stat().st_mode & 0o001


def _landlock() -> Callable[[Path], None] | None:
    """A function that restricts this process to Python's own files and a scratch folder."""
    try:
        from py_landlock import AccessFs, Landlock, LandlockError

        made = Landlock(strict=False)
        _ = made.abi_version
    except (ImportError, OSError, LandlockError):
        return None
    read, listing = AccessFs.READ_FILE, AccessFs.READ_FILE | AccessFs.READ_DIR
    for path in map(Path, {*READABLE, sys.prefix, sys.base_prefix}):
        if path.exists():
            made.add_path_rule(path, access=listing if path.is_dir() else read)
    made.add_path_rule(*filter(os.path.exists, DEVICES), access=read | AccessFs.WRITE_FILE)
    devices = AccessFs.EXECUTE | AccessFs.MAKE_CHAR | AccessFs.MAKE_BLOCK | AccessFs.IOCTL_DEV
    everything = functools.reduce(operator.or_, AccessFs) & ~devices

    def restrict(scratch: Path) -> None:
        made.add_path_rule(scratch, access=everything)
        made.add_path_rule("/proc/self", access=listing)  # threadpoolctl finds the loaded libraries there
        made.apply()

    return restrict


# --- after the fork -------------------------------------------------------------------------------


def enter(
    scratch: Path,
    limits: Limits,
    restrict: Callable[[Path], None] | None,
    isolated: bool = True,
    in_memory: bool = True,
) -> set[str]:
    """Shut this process in, which was just forked; what protects from it from now on.

    It is another process that returns from here: this one stays as the keeper, and ends when all that it keeps is gone.
    restrict: what `prepare` returned
    isolated: whether files must be protected; raises NotShutIn if they can't be
    in_memory: whether the scratch folder may be one in memory, which nobody outside can see
    """
    os.setsid()
    _die_with_parent()
    if _linux():  # when memory runs out after all, it is this one that has to go
        Path("/proc/self/oom_score_adj").write_text("1000")
    active = {USER}
    if not isolated:
        _limit(limits, processes=False)
        return set()
    if restrict is None:
        raise NotShutIn("this system has no Landlock")
    root, uid = os.getuid() == 0, FIRST_UID + os.getpid()
    if _unshare(root):
        active |= {PROCESSES, NETWORK}
        _fork_and_wait(polite=True)
        _die_with_parent()  # this is process 1 of a namespace now: what it starts ends with it
        if in_memory and _scratch_in_memory(scratch, limits, uid if root else None):
            active.add(DISK)
        _fork_and_wait(polite=False)
        os.setsid()
    if root and not _become(uid, scratch):
        active.discard(USER)
    _limit(limits, processes=PROCESSES in active)
    _give_up_capabilities()
    restrict(scratch)
    return active | {FILES}


def _unshare(root: bool) -> bool:
    """Leave the namespaces of mounts, IPC, network, and, for children, processes. An ordinary user needs a user
    namespace for that, in which it may do this and nothing more."""
    flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
    uid, gid = os.getuid(), os.getgid()
    if not hasattr(_libc, "unshare") or _libc.unshare(flags if root else flags | CLONE_NEWUSER):
        return False
    if not root:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
            Path(f"/proc/self/{name}").write_text(text)
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    return True


def _fork_and_wait(polite: bool) -> None:
    """Go on in a child; the parent does nothing but wait for it, and for whatever it may inherit.

    polite: whether a SIGTERM is passed on, as the SIGKILL that even process 1 can't refuse
    """
    child = os.fork()
    if not child:
        return
    os.closerange(0, 256)
    if polite:
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    try:
        while os.wait()[0] != child:
            pass
    finally:
        os._exit(0)


def _scratch_in_memory(scratch: Path, limits: Limits, uid: int | None) -> bool:
    owner = "" if uid is None else f",uid={uid},gid={uid}"
    size = f"size={limits.files_mb}m,nr_inodes=20000,mode=700{owner}"
    try:
        _mount("tmpfs", str(scratch), "tmpfs", MS_NOSUID | MS_NODEV, size)
    except OSError:
        return False
    return True


def _become(uid: int, scratch: Path) -> bool:
    """Stop being root: another user for every submission, so that their processes are counted apart."""
    if not os.access(sys.base_prefix, os.X_OK):
        return False
    try:
        os.chown(scratch, uid, uid)
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    except OSError:
        return False
    return True


def _limit(limits: Limits, processes: bool) -> None:
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if _linux() else 0
    wanted = {
        resource.RLIMIT_AS: used + limits.memory_mb * 2**20,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_FSIZE: limits.files_mb * 2**20,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 256,
    }
    if processes:  # counted for this namespace or user alone; elsewhere all that its user runs would count
        wanted[resource.RLIMIT_NPROC] = limits.processes
    for which, value in wanted.items():
        _, hard = resource.getrlimit(which)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (value, value))


def _give_up_capabilities() -> None:
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise _error("capset")


def _die_with_parent() -> None:
    if _linux():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _linux() -> bool:
    return sys.platform == "linux"


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    arguments = (text if text is None else text.encode() for text in (source, target, kind))
    if _libc.mount(*arguments, flags, options if options is None else options.encode()):
        raise _error(target)


def _error(name: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), name)


# --- what there is on this machine ----------------------------------------------------------------

TRIED = Limits(cpu_seconds=10, memory_mb=512, processes=8, files_mb=8)


@functools.cache
def active() -> frozenset[str]:
    """The protections that this machine has, tried out in a process of its own."""
    command = [sys.executable, "-P", "-m", "autograder.engine.sandbox"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], timeout=60)
    return frozenset(json.loads(done.stdout)) if done.returncode == 0 else frozenset()


def missing() -> list[str]:
    """The protections that this machine does not have."""
    return [name for name in PROTECTIONS if name not in active()]


def why_open() -> str:
    """Why submissions could read this machine's files; "" where they can't."""
    if FILES in active():
        return ""
    return "This machine can't keep submissions away from your files: Landlock, of Linux 5.13 or newer, is not here."


def refuse_if_open() -> None:
    """Raises UserError where submissions could read this machine's files."""
    if why_open():
        raise UserError(
            f"{why_open()} "
            "Grade in the container (docs/container.md), or, where nothing can be lost, with --no-isolation."
        )


def main() -> None:
    restrict = prepare()
    with tempfile.TemporaryDirectory() as scratch:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                os.write(writer, json.dumps(sorted(enter(Path(scratch), TRIED, restrict))).encode())
            except (NotShutIn, OSError) as problem:
                print(problem, file=sys.stderr)
            finally:
                os._exit(0)
        os.close(writer)
        print(os.read(reader, 4096).decode() or "[]")
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
