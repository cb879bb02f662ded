"""What a process can see of this machine: namespaces, mounts, and a root of its own.

A root of its own holds the folders that Python needs, read-only and at their usual paths, a few devices, and one place
to write to. No other file has a name there, whoever asks.
"""

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

CLONE_NEWNS, CLONE_NEWIPC, CLONE_NEWUSER = 0x00020000, 0x08000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1,
    2,
    4,
    8,
    32,
    4096,
    16384,
    1 << 18,
)
MNT_DETACH = 2
STATFS_FLAGS = {4: MS_NODEV, 8: MS_NOEXEC, 1024: 1024, 2048: 2048, 4096: 1 << 21}  # as statvfs says them, as mount does
STRICTATIME = 1 << 24

PLACE = "/submission"  # in a root of its own: where a submission's folder is, and all else that it writes
ALIASES = ("/tmp", "/var/tmp", "/dev/shm")  # lead there

_libc = ctypes.CDLL(None, use_errno=True)


# --- errors -----------------------------------------------------------------------------------------


def failed(step: str) -> OSError:
    """The error of the call of libc that has just failed."""
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), step)


def said(error: OSError) -> str:
    """A step and the kernel's answer to it, in a few words: "unshare: EPERM"."""
    name = errno.errorcode.get(error.errno or 0, str(error))
    return f"{error.filename}: {name}" if error.filename else name


def refused(step: Callable[..., None], *arguments) -> str:
    """What the kernel objects to a step, "" if nothing. A child tries it: a half-done step can't always be undone."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            step(*arguments)
        except OSError as error:
            os.write(writer, said(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with open(reader, encoding="utf-8") as answer:
        found = answer.read()
    os.waitpid(child, 0)
    return found


# --- namespaces -------------------------------------------------------------------------------------


def own_mounts() -> None:
    """Have a mount namespace: what is mounted there is seen nowhere else. Raises OSError if refused."""
    if os.getuid():
        return _new_namespaces_of_a_user(CLONE_NEWNS)
    for step in (_new_mounts, _be_root_in_a_user_namespace):
        why = refused(step)
        if not why:
            return step()
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), "unshare")


def leave() -> None:
    """Leave the namespaces of mounts, IPC, network, and, for children, processes. An ordinary user needs a user
    namespace for that, in which it may do this and nothing more, and from which no mount is seen outside."""
    flags = CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
    if os.getuid():
        return _new_namespaces_of_a_user(flags)
    _new_namespaces(flags)
    _keep_mounts_here()


def _new_namespaces(flags: int) -> None:
    if _libc.unshare(flags):
        raise failed("unshare")


def _new_namespaces_of_a_user(flags: int) -> None:
    uid, gid = os.getuid(), os.getgid()
    _new_namespaces(flags | CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path(f"/proc/self/{name}").write_text(text, encoding="utf-8")


def _new_mounts() -> None:
    _new_namespaces(CLONE_NEWNS)
    _keep_mounts_here()


def _keep_mounts_here() -> None:
    try:
        mount("none", "/", None, MS_REC | MS_PRIVATE)
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
            raise failed("setns")
        try:
            mount("none", "/", None, MS_REC | MS_PRIVATE)
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
        _, failed_too = os.waitpid(child, 0)
    if failed_too:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), "uid_map")


# --- a root of its own --------------------------------------------------------------------------------


def enter_root(visible: Iterable[str], home: Path) -> None:
    """Have a root in which `visible`, files and folders, are all there is; PLACE in it is the folder `home`.

    This process must have mounts of its own. Raises OSError if a step is refused.
    """
    root = home / "root"
    root.mkdir(exist_ok=True)
    mount("tmpfs", str(root), "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    links: dict[str, str] = {}
    real = sorted({_followed(path, links) for path in visible if os.path.exists(path)})
    bound: list[str] = []
    for path in real:
        if not any(path.startswith(f"{outer}/") for outer in bound):
            _bind(path, root)
            bound.append(path)
    _bind("/proc", root)
    (root / PLACE[1:]).mkdir()
    links |= {alias: PLACE for alias in ALIASES if not (root / alias[1:]).exists()}
    for path, target in links.items():
        with contextlib.suppress(FileExistsError):  # it lies in a folder that is there
            (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(target, root / path[1:])
    for point in _mount_points(str(root)):
        if point != f"{root}/proc":
            _make_read_only(point)
    mount(str(home), str(root) + PLACE, None, MS_BIND)
    _turn_into_root(root)


def _followed(path: str, links: dict[str, str]) -> str:
    """The path without symbolic links. Those that are on the way are added to `links`, path → target."""
    at, parts = "/", [part for part in path.split("/") if part]
    while parts:
        part = parts.pop(0)
        at = os.path.dirname(at) if part == ".." else os.path.join(at, part)
        if os.path.islink(at):
            links[at] = os.readlink(at)
            parts = [part for part in links[at].split("/") if part not in ("", ".")] + parts
            at = "/" if links[at].startswith("/") else os.path.dirname(at)
    return at


def _bind(path: str, root: Path) -> None:
    target = root / path[1:]
    if os.path.isdir(path):
        target.mkdir(parents=True, exist_ok=True)
    else:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    mount(path, str(target), None, MS_BIND | MS_REC)


def _mount_points(root: str) -> Iterator[str]:
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        point = os.fsdecode(line.split()[4].decode("unicode_escape").encode("latin-1"))
        if point == root or point.startswith(f"{root}/"):
            yield point


def _make_read_only(point: str) -> None:
    """A user namespace may not take away what a mount has already: nodev, noatime …"""
    found = os.statvfs(point).f_flag
    kept = sum(flag for bit, flag in STATFS_FLAGS.items() if found & bit)
    strict = 0 if found & (1024 | 4096) else STRICTATIME
    mount("none", point, None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | kept | strict)


def _turn_into_root(root: Path) -> None:
    os.chdir(root)
    if _libc.pivot_root(b".", b".") == 0:
        if _libc.umount2(b".", MNT_DETACH):
            raise failed("umount")
    elif ctypes.get_errno() == errno.EINVAL:  # in a chroot, / is no mount point; only root is here
        os.chroot(".")
    else:
        raise failed("pivot_root")
    os.chdir("/")


def enter_place(name: str, size_mb: int, owner: int | None, in_memory: bool = True) -> str:
    """Cover PLACE, in new namespaces, by a file system in memory; the path of the folder `name` in it.

    owner: whose the folder is; None if root does not give itself up
    in_memory: whether the folder is a new one, or that of this name that lay in PLACE
    """
    folder = f"{PLACE}/{name}"
    there = None if in_memory else os.open(folder, os.O_PATH | os.O_DIRECTORY)
    mount("tmpfs", PLACE, "tmpfs", MS_NOSUID | MS_NODEV, f"size={size_mb}m,nr_inodes=20000,mode=1777")
    os.mkdir(folder, 0o700)
    if there is not None:
        mount(f"/proc/self/fd/{there}", folder, None, MS_BIND)
        os.close(there)
    if owner is not None:
        os.chown(folder, owner, owner)
    return folder


def own_processes() -> None:
    """Have /proc show the processes of this namespace alone. Raises OSError where a container's /proc hides things."""
    mount("proc", "/proc", "proc", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def no_processes() -> None:
    """Have /proc show nothing to this process and what it starts."""
    _new_namespaces(CLONE_NEWNS)
    mount("tmpfs", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2). Raises OSError that names the target."""
    arguments = (text if text is None else os.fsencode(text) for text in (source, target, kind))
    if _libc.mount(*arguments, ctypes.c_ulong(flags), options if options is None else options.encode()):
        raise failed(f"mount {target}")
