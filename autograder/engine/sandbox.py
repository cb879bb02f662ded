"""Shutting a process in, before it runs what a student wrote: a root of its own, namespaces, Landlock, seccomp, limits.

`python -m autograder.engine.sandbox` tries every protection on this machine, and prints what came of it.

Submissions are shut in twice. First the process that all of them are forked from (zygote.py) has a root of its own, in
which no file of this machine lies but Python's own (namespaces.py). Then each has namespaces: it is without network,
without other processes to see or signal, and its folder is in memory and has a size. Landlock (landlock.py) says the
same of files once more; it does so alone where there are no namespaces. The filter of system calls (seccomp.py) leaves
what a notebook needs, limits bound what it can use up, and where the grader is root, it gives up being root.
"""

import contextlib
import ctypes
import errno
import functools
import json
import os
import platform
import resource
import signal
import site
import subprocess
import sys
import tempfile
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from pathlib import Path

from autograder.engine import landlock, namespaces, seccomp
from autograder.engine.memory import end_above
from autograder.engine.namespaces import PLACE, failed, refused, said
from tito.limits import Limits
from tito.workspace import UserError

FILES, PROCESSES, NETWORK, DISK, USER, CALLS = PROTECTIONS = ("files", "processes", "network", "disk", "user", "calls")
WITHOUT = {
    FILES: "it can read and write your files",
    PROCESSES: "it can see and signal your processes, and start as many as it likes",
    NETWORK: "it can use the network",
    DISK: "it can fill the disk",
    USER: "it runs as root",
    CALLS: "it can use all of the kernel, faults included",
}

READABLE = ("/usr", "/lib", "/lib32", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/alternatives")
ABOUT_THE_MACHINE = ("/proc/cpuinfo", "/proc/meminfo")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
PYTHON = frozenset((sys.prefix, sys.base_prefix))
COURSE = Path(__file__).parents[2]
OURS = tuple(str(COURSE / path) for path in ("autograder/__init__.py", "autograder/engine", "tito"))
FIRST_UID = 1_000_000  # above all that distributions give to people, services and containers' users

NO_LANDLOCK = {
    errno.ENOSYS: "this kernel has no Landlock, which Linux 5.13 or newer has",
    errno.EOPNOTSUPP: "Landlock was switched off when Linux started",
    errno.EPERM: "Landlock is forbidden, as a container's seccomp profile may do",
}
IN_A_KERNEL = {DISK: "a real kernel's folder must be seen from outside"}

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
JOIN_SESSION_KEYRING, KEYCTL = 1, {"x86_64": 250, "aarch64": 219}
CAPABILITY_VERSION = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class NotShutIn(Exception):
    """A protection that was asked for is not to be had here."""


@dataclass(frozen=True)
class Means:
    """What there is to shut submissions in with.

    absent: the protections that can't be given, each with the reason
    own_root: whether this process has a root of its own
    landlock: the version of Landlock, 0 without
    """

    absent: dict[str, str] = field(default_factory=dict)
    own_root: bool = False
    landlock: int = 0


# --- before the first fork ----------------------------------------------------------------------


def prepare(home: Path) -> Means:
    """What to do once, in the process from which submissions are forked: have a root of its own, where that can be.

    home: a folder of this process, in which submissions have theirs. With a root of its own it is PLACE
    """
    if not _linux():
        return Means(dict.fromkeys(PROTECTIONS, "this is not Linux"))
    version, why = _landlock()
    why_no_root = refused(_try_root, home)
    if not why_no_root:
        _enter_root(home)
    absent = {} if not (why and why_no_root) else {FILES: f"{why}, and no root of its own can be made ({why_no_root})"}
    if os.getuid() == 0:
        absent |= _not_another_user(own_root=not why_no_root)
    if why_no_root:
        alone = refused(namespaces.leave)
        absent |= dict.fromkeys((PROCESSES, NETWORK, DISK), f"namespaces are refused ({alone})") if alone else {}
    return Means(absent, not why_no_root, version)


def _landlock() -> tuple[int, str]:
    """The version of Landlock, and why there is none."""
    try:
        return landlock.version(), ""
    except OSError as error:
        why = NO_LANDLOCK.get(error.errno or 0, "Landlock does not answer")
        return 0, f"{why} ({errno.errorcode.get(error.errno or 0, error.errno)})"


def _try_root(home: Path) -> None:
    """All that a submission will do there, and a new Python: where its parts lie in odd places, it may not start."""
    _enter_root(home)
    namespaces.leave()
    namespaces.enter_place("tried", 1, None)
    command = [sys.executable, "-P", "-c", "import autograder.engine.sandbox"]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise OSError(errno.ENOEXEC, os.strerror(errno.ENOEXEC), "Python there")


def _enter_root(home: Path) -> None:
    namespaces.own_mounts()
    namespaces.enter_root({*READABLE, *DEVICES, *PYTHON, *OURS, *_loaded(), *_packages(), sys.executable}, home)


def _loaded() -> set[str]:
    """The folders of the libraries that this process has loaded."""
    lines = Path("/proc/self/maps").read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    return {os.path.dirname(line.split(maxsplit=5)[5]) for line in lines if ".so" in line and "/" in line}


def _packages() -> set[str]:
    """The folder where pip puts what a user installs for herself, if Python looks there."""
    return {site.getusersitepackages()} if site.ENABLE_USER_SITE else set()


def _not_another_user(own_root: bool) -> dict[str, str]:
    closed = None if own_root else _closed_on_the_way_to(PYTHON)
    if closed:
        return {USER: f"Python lies in {closed}, which is closed to other users"}
    why = refused(_become, FIRST_UID)
    return {USER: f"root may not become another user ({why})"} if why else {}


def _closed_on_the_way_to(folders: Set[str]) -> Path | None:
    """The first folder that other users can't pass on their way into one of `folders`."""
    passed = (parent for folder in folders for parent in (*reversed(Path(folder).parents), Path(folder)))
    return next((parent for parent in passed if parent.is_dir() and not parent.stat().st_mode & 0o001), None)


# --- after the fork -------------------------------------------------------------------------------


def enter(scratch: Path, limits: Limits, means: Means, isolated: bool = True, in_memory: bool = True) -> "Place":
    """Shut this process in, which was just forked. Returns its folder, and which protections are absent from now on.

    It is another process that returns from here: this one stays as the keeper, and ends when all that it keeps is gone.
    scratch: its folder, in the `home` that `prepare` was given
    isolated: whether files must be protected; raises NotShutIn if they can't be
    in_memory: whether its folder may be one in memory, which nobody outside can see
    """
    os.setsid()
    _die_with_parent()
    with contextlib.suppress(OSError):  # when memory runs out after all, it is this one that has to go
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")
    if not isolated:
        _limit(limits, processes=False)
        return Place(_as_seen(scratch, means), dict.fromkeys(PROTECTIONS, "isolation was not asked for"))
    if FILES in means.absent:
        raise NotShutIn(means.absent[FILES])
    root, uid, absent, alone = (
        os.getuid() == 0,
        FIRST_UID + os.getpid(),
        dict(means.absent),
        PROCESSES not in means.absent,
    )
    used = _used()
    if alone:
        namespaces.leave()
        _stay_in_a_child(_wait_for)
        _die_with_parent()  # this is process 1 of a namespace now: what it starts ends with it
        scratch, missing = _own_folder(scratch, limits, means, uid if root and USER not in absent else None, in_memory)
        absent |= missing
        hidden = _hide_processes(means)
        _stay_in_a_child(functools.partial(end_above, most_mb=limits.memory_mb))
        if means.own_root and not hidden and not means.landlock:  # which else hides all but its own
            namespaces.no_processes()
        os.setsid()
    if root and USER not in absent:
        absent |= _give_up_root(uid, scratch, means)
    _limit(limits, processes=alone, used=used)
    _no_keys()
    _give_up_capabilities()
    if means.landlock:
        _restrict(scratch, means)
    return Place(scratch, absent | _filter_calls(means, alone, serves=not in_memory))


@dataclass(frozen=True)
class Place:
    """Where a process is shut in: its folder, as it sees it, and the absent protections, each with the reason."""

    scratch: Path
    absent: dict[str, str]


def _as_seen(scratch: Path, means: Means) -> Path:
    return Path(PLACE, scratch.name) if means.own_root else scratch


def _own_folder(scratch: Path, limits: Limits, means: Means, owner: int | None, in_memory: bool) -> tuple[Path, dict]:
    """The folder of a process that is alone, and what could not be had."""
    if not means.own_root:
        return scratch, _scratch_in_memory(scratch, limits, owner) if in_memory else IN_A_KERNEL
    folder = namespaces.enter_place(scratch.name, limits.files_mb, owner, in_memory)
    return Path(folder), {} if in_memory else IN_A_KERNEL


def _hide_processes(means: Means) -> bool:
    """Have /proc show this namespace alone, and say whether it does: a container's /proc may have to stay."""
    try:
        if means.own_root:
            namespaces.own_processes()
    except OSError:
        return False
    return means.own_root


def _stay_in_a_child(keep: Callable[[int], int]) -> None:
    """Go on in a child; the parent calls `keep` with its number, and ends with the code that it returns."""
    child = os.fork()
    if not child:
        return
    code = 0
    try:
        os.closerange(0, 256)
        code = keep(child)
    finally:
        os._exit(code)


def _wait_for(child: int) -> int:
    """Wait for a child. A SIGTERM is passed on, as the SIGKILL that even process 1 can't refuse."""

    def end_the_child(*_) -> None:
        with contextlib.suppress(ProcessLookupError):  # it has just ended, and its code counts
            os.kill(child, signal.SIGKILL)

    signal.signal(signal.SIGTERM, end_the_child)
    return max(0, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _scratch_in_memory(scratch: Path, limits: Limits, uid: int | None) -> dict[str, str]:
    owner = "" if uid is None else f",uid={uid},gid={uid}"
    size = f"size={limits.files_mb}m,nr_inodes=20000,mode=700{owner}"
    try:
        namespaces.mount("tmpfs", str(scratch), "tmpfs", namespaces.MS_NOSUID | namespaces.MS_NODEV, size)
    except OSError as error:
        return {DISK: f"no file system in memory can be mounted ({said(error)})"}
    return {}


def _give_up_root(uid: int, scratch: Path, means: Means) -> dict[str, str]:
    """Stop being root: another user for every submission, so that their processes are counted apart."""
    closed = None if means.own_root else _closed_on_the_way_to({str(scratch.parent)})
    if closed:
        return {USER: f"the scratch folder lies in {closed}, which is closed to other users"}
    try:
        os.chown(scratch, uid, uid)
        _become(uid)
    except OSError as error:
        return {USER: f"root may not become another user ({said(error)})"}
    return {}


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _restrict(scratch: Path, means: Means) -> None:
    """Let this process reach Python's own files and its folder, and no other file."""
    read, listing = landlock.READ_FILE, landlock.READ_FILE | landlock.READ_DIR
    paths = (*READABLE, *PYTHON, *ABOUT_THE_MACHINE)
    rules = {path: listing if os.path.isdir(path) else read for path in paths if os.path.exists(path)}
    rules |= {path: read | landlock.WRITE_FILE for path in DEVICES if os.path.exists(path)}
    rules["/proc/self"] = listing  # threadpoolctl finds the loaded libraries there
    mine = PLACE if means.own_root else str(scratch)
    rules[mine] = landlock.every(landlock.EXECUTE, landlock.MAKE_CHAR, landlock.MAKE_BLOCK, landlock.IOCTL_DEV)
    landlock.restrict(rules)


def _filter_calls(means: Means, alone: bool, serves: bool) -> dict[str, str]:
    try:
        seccomp.filter_calls(_setting(means, alone, serves))
    except OSError as error:
        return {CALLS: f"this kernel filters no system calls ({said(error)})"}
    except NotImplementedError as problem:
        return {CALLS: str(problem)}
    return {}


def _setting(means: Means, alone: bool, serves: bool) -> seccomp.Setting:
    return seccomp.Setting(means.own_root, alone or means.landlock >= landlock.SCOPES, serves and not means.own_root)


def _used() -> int:
    """Bytes of address space that this process has."""
    pages = Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _limit(limits: Limits, processes: bool, used: int | None = None) -> None:
    used = used if used is not None else _used() if _linux() else 0
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


def _no_keys() -> None:
    """Have a session keyring of its own, empty: the inherited one is shared. Where that is refused, keys are, too."""
    number = KEYCTL.get(platform.machine())
    if number:
        _libc.syscall(number, JOIN_SESSION_KEYRING, None)


def _give_up_capabilities() -> None:
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    if _libc.capset(header, (ctypes.c_uint32 * 6)()):
        raise failed("capset")


def _die_with_parent() -> None:
    if _linux():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _linux() -> bool:
    return sys.platform == "linux"


def ready(means: Means) -> None:
    """Do once what `enter` would do each time."""
    for serves in (False, True):
        with contextlib.suppress(NotImplementedError):
            seccomp.make(_setting(means, PROCESSES not in means.absent, serves))


# --- what there is on this machine ----------------------------------------------------------------

TRIED = Limits(cpu_seconds=10, memory_mb=512, processes=8, files_mb=8)


@functools.cache
def absent() -> dict[str, str]:
    """The protections that this machine does not have, each with the reason; tried out in a process of its own."""
    command = [sys.executable, "-P", "-m", "autograder.engine.sandbox"]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=Path(__file__).parents[2], timeout=60)
        return {name: why for name, why in json.loads(done.stdout).items() if why}
    except (ValueError, subprocess.TimeoutExpired) as problem:
        return dict.fromkeys(PROTECTIONS, f"trying them out failed: {problem}")


def active() -> frozenset[str]:
    """The protections that this machine has."""
    return frozenset(PROTECTIONS) - set(absent())


def lacking() -> str:
    """What a submission could do on this machine, and why; "" if nothing."""
    return "; ".join(f"{name}: {WITHOUT[name]}, for {why}" for name, why in absent().items())


def why_open() -> str:
    """Why submissions could read this machine's files; "" where they can't."""
    return absent().get(FILES, "")


def refuse_if_open() -> None:
    """Raises UserError where submissions could read this machine's files."""
    if why_open():
        raise UserError(
            f"This machine can't keep submissions away from your files: {why_open()}. "
            "Grade in the container (docs/container.md), or, where nothing can be lost, with --no-isolation."
        )


def main() -> None:
    """Print each protection with the reason why it is absent, "" where it is there."""
    print(json.dumps({name: "" for name in PROTECTIONS} | _tried()))


def _tried() -> dict[str, str]:
    with tempfile.TemporaryDirectory(prefix="tinytorch-home-") as home:
        os.chmod(home, 0o711)
        scratch = Path(home, "tinytorch-tried")
        scratch.mkdir()
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            found: dict[str, str] = {}
            try:
                means = prepare(Path(home))
                found = means.absent
                found = enter(scratch, TRIED, means).absent
            except NotShutIn:
                pass  # the reason is in what was found
            except OSError as problem:
                found = found | {FILES: said(problem)}
            finally:
                os.write(writer, json.dumps(found).encode())
                os._exit(0)
        os.close(writer)
        with open(reader, "rb") as pipe:
            answer = pipe.read()
        os.waitpid(child, 0)
    return json.loads(answer) if answer else dict.fromkeys(PROTECTIONS, "a process that is shut in ends at once")


if __name__ == "__main__":
    main()
