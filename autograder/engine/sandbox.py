"""Shutting a process in, before it runs what a student wrote: Landlock, namespaces, limits.

`python -m autograder.engine.sandbox` tries every protection on this machine, and prints what came of it.

No single one is enough. Landlock lets the process reach the Python installation and its scratch folder, and nothing
else of the file system. Namespaces leave it without network, without other processes to see or signal, and with a
scratch folder in memory that has a size. Limits bound what it can use up. None of it needs root; where the grader is
root, the process also gives up being root.
"""

import contextlib
import ctypes
import errno
import functools
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Set
from pathlib import Path

from autograder.engine import landlock, seccomp
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

READABLE = ("/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/proc/cpuinfo", "/proc/meminfo")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
PYTHON = frozenset((sys.prefix, sys.base_prefix))
FIRST_UID = 1_000_000  # above all that distributions give to people, services and containers' users

NO_LANDLOCK = {
    errno.ENOSYS: "this kernel has no Landlock, which Linux 5.13 or newer has",
    errno.EOPNOTSUPP: "Landlock was switched off when Linux started",
    errno.EPERM: "Landlock is forbidden, as a container's seccomp profile may do",
}
IN_A_KERNEL = {DISK: "a real kernel's folder must be seen from outside"}

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


def prepare() -> dict[str, str]:
    """What to do once, in the process from which submissions are forked.

    Returns the protections that `enter` can't give, each with the reason. As root, also makes Python reachable for
    ordinary users, in a mount namespace of this process's own.
    """
    if not _linux():
        return dict.fromkeys(PROTECTIONS, "this is not Linux")
    absent = _without_landlock()
    if os.getuid() == 0:
        absent |= _prepare_as_root()
    refused = _refused(_unshare)
    if refused:
        absent |= dict.fromkeys((PROCESSES, NETWORK, DISK), f"namespaces are refused ({refused})")
    return absent


def _without_landlock() -> dict[str, str]:
    try:
        landlock.version()
    except OSError as error:
        why = NO_LANDLOCK.get(error.errno or 0, "Landlock does not answer")
        return {FILES: f"{why} ({_name_of(error)})"}
    return {}


def _prepare_as_root() -> dict[str, str]:
    """Have mounts of this process's own, and let everybody reach Python through them, where its folder is closed."""
    try:
        own_mounts()
        open_the_way_to(PYTHON)
    except OSError:
        pass  # what did not work shows below
    closed = _closed_on_the_way_to(PYTHON)
    if closed:
        return {USER: f"Python lies in {closed}, which is closed to other users"}
    refused = _refused(_become, FIRST_UID)
    return {USER: f"root may not become another user ({refused})"} if refused else {}


def _refused(step: Callable[..., None], *arguments) -> str:
    """What the kernel objects to a step, "" if nothing. A child tries it: a half-done step can't always be undone."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            step(*arguments)
        except OSError as error:
            os.write(writer, _said(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return said


def own_mounts() -> None:
    """Have, as root, a mount namespace: what is mounted there is seen nowhere else. Raises OSError if refused."""
    for step in (_new_mounts, _be_root_in_a_user_namespace):
        if not _refused(step):
            return step()
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), "unshare")


def _new_mounts() -> None:
    _new_namespaces(CLONE_NEWNS)
    _keep_mounts_here()


def _keep_mounts_here() -> None:
    try:
        _mount("none", "/", None, MS_REC | MS_PRIVATE)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        _keep_mounts_of_a_chroot_here()


def _keep_mounts_of_a_chroot_here() -> None:
    """In a chroot, / is no mount point. Entering the own mount namespace anew leads above it, and chroot back."""
    root, folder = (os.open(path, os.O_PATH | os.O_DIRECTORY) for path in ("/", "."))
    namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    try:
        if _libc.setns(namespace, CLONE_NEWNS):
            raise _error("setns")
        try:
            _mount("none", "/", None, MS_REC | MS_PRIVATE)
        finally:
            os.fchdir(root)
            os.chroot(".")
            os.fchdir(folder)
    finally:
        for descriptor in (root, folder, namespace):
            os.close(descriptor)


def _be_root_in_a_user_namespace() -> None:
    """Root without CAP_SYS_ADMIN, as in a container, has it in a user namespace where everybody is who they are here.

    Only a process outside of it may say so: a child that stays behind.
    """
    me, maps = (
        os.getpid(),
        {name: Path(f"/proc/self/{name}").read_text(encoding="utf-8") for name in ("uid_map", "gid_map")},
    )
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(writer)
            if os.read(reader, 1):
                for name, text in maps.items():
                    lines = (line.split() for line in text.splitlines())
                    same = "".join(f"{first} {first} {count}\n" for first, _, count in lines)
                    Path(f"/proc/{me}/{name}").write_text(same, encoding="utf-8")
                os._exit(0)
        finally:
            os._exit(1)
    os.close(reader)
    try:
        _new_namespaces(CLONE_NEWUSER | CLONE_NEWNS)
        os.write(writer, b".")
    finally:
        os.close(writer)
        _, failed = os.waitpid(child, 0)
    if failed:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), "uid_map")


def open_the_way_to(folders: Set[str]) -> None:
    """Let everybody reach `folders`, whose parents may be closed to them: /root, say."""
    found = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in sorted(folders)}  # outer ones first
    for folder, descriptor in found.items():
        closed = _closed_on_the_way_to({folder})
        if closed:
            _mount("tmpfs", str(closed), "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
        if not Path(folder).is_dir():
            Path(folder).mkdir(parents=True)
            _mount(f"/proc/self/fd/{descriptor}", folder, None, MS_BIND | MS_REC)
    for descriptor in found.values():
        os.close(descriptor)


def _closed_on_the_way_to(folders: Set[str]) -> Path | None:
    """The first folder that other users can't pass on their way into one of `folders`."""
    passed = (parent for folder in folders for parent in (*reversed(Path(folder).parents), Path(folder)))
    return next((parent for parent in passed if parent.is_dir() and not parent.stat().st_mode & 0o001), None)


# --- after the fork -------------------------------------------------------------------------------


def enter(
    scratch: Path, limits: Limits, absent: Mapping[str, str], isolated: bool = True, in_memory: bool = True
) -> dict[str, str]:
    """Shut this process in, which was just forked. Returns which protections are absent from now on, and why.

    It is another process that returns from here: this one stays as the keeper, and ends when all that it keeps is gone.
    absent: what `prepare` returned
    isolated: whether files must be protected; raises NotShutIn if they can't be
    in_memory: whether the scratch folder may be one in memory, which nobody outside can see
    """
    os.setsid()
    _die_with_parent()
    with contextlib.suppress(OSError):  # when memory runs out after all, it is this one that has to go
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="utf-8")
    if not isolated:
        _limit(limits, processes=False)
        return dict.fromkeys(PROTECTIONS, "isolation was not asked for")
    if FILES in absent:
        raise NotShutIn(absent[FILES])
    absent, root, uid = dict(absent), os.getuid() == 0, FIRST_UID + os.getpid()
    if PROCESSES not in absent:
        _unshare()
        _fork_and_wait(polite=True)
        _die_with_parent()  # this is process 1 of a namespace now: what it starts ends with it
        absent |= _scratch_in_memory(scratch, limits, uid if root else None) if in_memory else IN_A_KERNEL
        _fork_and_wait(polite=False)
        os.setsid()
    if root and USER not in absent:
        absent |= _give_up_root(uid, scratch)
    _limit(limits, processes=PROCESSES not in absent)
    _give_up_capabilities()
    _restrict(scratch)
    return absent | _filter_calls(PROCESSES not in absent, serves=not in_memory)


def _unshare() -> None:
    """Leave the namespaces of mounts, IPC, network, and, for children, processes. An ordinary user needs a user
    namespace for that, in which it may do this and nothing more, and from which no mount is seen outside."""
    flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        _new_namespaces(flags)
        return _keep_mounts_here()
    _new_namespaces(flags | CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(text, encoding="utf-8")


def _new_namespaces(flags: int) -> None:
    if _libc.unshare(flags):
        raise _error("unshare")


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


def _scratch_in_memory(scratch: Path, limits: Limits, uid: int | None) -> dict[str, str]:
    owner = "" if uid is None else f",uid={uid},gid={uid}"
    size = f"size={limits.files_mb}m,nr_inodes=20000,mode=700{owner}"
    try:
        _mount("tmpfs", str(scratch), "tmpfs", MS_NOSUID | MS_NODEV, size)
    except OSError as error:
        return {DISK: f"no file system in memory can be mounted ({_said(error)})"}
    return {}


def _give_up_root(uid: int, scratch: Path) -> dict[str, str]:
    """Stop being root: another user for every submission, so that their processes are counted apart."""
    closed = _closed_on_the_way_to({str(scratch.parent)})
    if closed:
        return {USER: f"the scratch folder lies in {closed}, which is closed to other users"}
    try:
        os.chown(scratch, uid, uid)
        _become(uid)
    except OSError as error:
        return {USER: f"root may not become another user ({_said(error)})"}
    return {}


def _become(uid: int) -> None:
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def _restrict(scratch: Path) -> None:
    """Let this process reach Python's own files and a scratch folder, and no other file."""
    read, listing = landlock.READ_FILE, landlock.READ_FILE | landlock.READ_DIR
    rules = {path: listing if os.path.isdir(path) else read for path in (*READABLE, *PYTHON) if os.path.exists(path)}
    rules |= {path: read | landlock.WRITE_FILE for path in DEVICES if os.path.exists(path)}
    rules["/proc/self"] = listing  # threadpoolctl finds the loaded libraries there
    rules[str(scratch)] = landlock.every(landlock.EXECUTE, landlock.MAKE_CHAR, landlock.MAKE_BLOCK, landlock.IOCTL_DEV)
    landlock.restrict(rules)


def _filter_calls(alone: bool, serves: bool) -> dict[str, str]:
    signals_stay = alone or landlock.version() >= landlock.SCOPES
    try:
        seccomp.restrict(seccomp.Setting(signals_stay=signals_stay, serves=serves))
    except OSError as error:
        return {CALLS: f"this kernel filters no system calls ({_said(error)})"}
    except NotImplementedError as problem:
        return {CALLS: str(problem)}
    return {}


def _limit(limits: Limits, processes: bool) -> None:
    used = (
        int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[0]) * os.sysconf("SC_PAGE_SIZE")
        if _linux()
        else 0
    )
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
        raise _error(f"mount {target}")


def _error(name: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), name)


def _said(error: OSError) -> str:
    """A step and the kernel's answer to it, in a few words: "unshare: EPERM"."""
    return f"{error.filename}: {_name_of(error)}" if error.filename else _name_of(error)


def _name_of(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, str(error))


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
    found = prepare()
    with tempfile.TemporaryDirectory() as scratch:
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                os.write(writer, json.dumps(enter(Path(scratch), TRIED, found)).encode())
            except NotShutIn as problem:
                os.write(writer, json.dumps(found | {FILES: str(problem)}).encode())
            except OSError as problem:
                os.write(writer, json.dumps(found | {FILES: _said(problem)}).encode())
            finally:
                os._exit(0)
        os.close(writer)
        answer = os.read(reader, 65536)
        os.waitpid(child, 0)
    return json.loads(answer) if answer else dict.fromkeys(PROTECTIONS, "a process that is shut in ends at once")


if __name__ == "__main__":
    main()
