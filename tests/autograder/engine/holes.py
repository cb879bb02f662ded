"""A cell that tries every door, and looks for what leaves_tokens.py left. It reports which doors stood open."""

import array
import ctypes
import errno
import fcntl
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import time

import numpy as np

from tito import checks

libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
HOME, PID = "{HOME}", int("{PID}")
open_doors = []


def try_door(name, attempt):
    try:
        if attempt() is not False:
            open_doors.append(name)
    except (OSError, AttributeError, ValueError):
        pass


def call(x86_64, aarch64, *arguments):
    """Whether a system call, by its numbers, succeeds."""
    words = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return libc.syscall(ctypes.c_long(x86_64 if X86 else aarch64), *words) >= 0


def clone():
    words = (56 if X86 else 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)
    child = libc.syscall(*map(ctypes.c_long, words))
    if child == 0:
        os._exit(0)
    return child > 0


def connect():
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(HOME + "/socket")


def send():
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.sendto(b"x", HOME + "/socket")


def change(path):
    for attempt in (
        lambda: os.chmod(path, 0),
        lambda: os.utime(path, (7, 7)),
        lambda: os.chown(path, os.getuid(), os.getgid()),
    ):
        try:
            attempt()
        except OSError:
            pass
    return False  # whoever runs this looks


def free(kind, name, family=socket.AF_UNIX):
    """Whether a name that another submission holds can't be had, or leads to it."""
    with socket.socket(family, kind) as one, socket.socket(family, kind) as other:
        try:
            one.bind(name)
        except OSError as error:
            return error.errno == errno.EADDRINUSE
        other.connect(name)
        return False


def others_named():
    for process in filter(str.isdigit, os.listdir("/proc")):
        with open(f"/proc/{process}/comm") as name:
            if name.read() == "token\n":
                return True
    return False


def locked(lock):
    with open(os.__file__, "rb") as one:
        try:
            lock(one)
        except BlockingIOError:
            return True
        return False


def lock_of_another():
    with open(os.__file__, "rb") as one:
        asked = struct.pack("hhqqi", fcntl.F_WRLCK, 0, 4711, 1, 0)
        return struct.unpack("hhqqi", fcntl.fcntl(one, fcntl.F_GETLK, asked))[0] != fcntl.F_UNLCK


def somebody_waits_on_a_file():
    with open(socket.__file__, "rb") as file:
        page = np.frombuffer(mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_READ), np.int32, count=1)
    words = [ctypes.c_long(202 if X86 else 98), ctypes.c_void_p(page.ctypes.data), ctypes.c_long(1), ctypes.c_long(1)]
    for _ in range(100):  # on a busy machine that thread may not have come so far
        if libc.syscall(*words, None, None, ctypes.c_long(0)) > 0:
            return True
        time.sleep(0.1)
    return False


def many_descriptors_under_way():
    """More than this user may send: the kernel adds up what all processes of a user have sent and nobody received."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        one, other = socket.socketpair()
        with one, other:
            one.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0]))])
    except OSError as error:
        return error.errno == errno.ETOOMANYREFS
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    return False


def files_in_common():
    """Whether another has changed what a descriptor here refers to."""
    for number in map(int, os.listdir("/proc/self/fd")):
        try:
            if fcntl.fcntl(number, fcntl.F_GETFL) & os.O_APPEND:
                return True
        except OSError:
            pass
    return False


def memory_in_common():
    with open("/proc/self/maps") as lines:
        return any(line.split()[1].startswith("rw-s") for line in lines)


def small_pipe():
    read, write = os.pipe()
    size = fcntl.fcntl(write, 1032)
    os.close(read), os.close(write)
    return size < 16 * mmap.PAGESIZE


def larger_buffer():
    with socket.socketpair()[0] as end:
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 22)
        return end.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) >= 1 << 19


def pages_read():
    """Whether it can be asked what others have read."""
    room, file = ctypes.create_string_buffer(9), os.open(os.__file__, os.O_RDONLY)
    where = struct.pack("PL", ctypes.addressof(room), 9)
    return call(327, 286, file, where, 1, 0, 0, 8) or ctypes.get_errno() == errno.EAGAIN


TOKENS = {
    f"token: key in ring {ring}": lambda ring=ring: call(250, 219, 10, ring, b"user", b"token", 0)
    for ring in range(-5, 0)
}
TOKENS |= {
    f"token: {place}": lambda place=place: os.path.exists(place)
    for place in ("/tmp/token", "/var/tmp/token", "/dev/shm/token", "../token", "/usr/token", "/etc/token")
}
TOKENS |= {
    "token: SysV memory": lambda: call(29, 194, 4711, 4096, 0o666),
    "token: SysV semaphores": lambda: call(64, 190, 4711, 1, 0o666),
    "token: SysV messages": lambda: call(68, 186, 4711, 0o666),
    "token: POSIX messages": lambda: call(240, 180, b"/token", 0o2, 0o666, None),
    "token: flock": lambda: locked(lambda file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)),
    "token: record lock": lock_of_another,
    "token: abstract socket": lambda: free(socket.SOCK_STREAM, "\0token"),
    "token: named socket": lambda: free(socket.SOCK_STREAM, "/tmp/token-socket"),
    "token: port": lambda: free(socket.SOCK_STREAM, ("127.0.0.1", 4711), socket.AF_INET),
    "token: times": lambda: os.stat(os.__file__).st_mtime == 4711,
    "token: a waiting thread": somebody_waits_on_a_file,
    "token: descriptors under way": many_descriptors_under_way,
    "token: large pipes": small_pipe,
    "token: a file in common": files_in_common,
    "token: memory in common": memory_in_common,
    "token: times of a device": lambda: os.stat("/dev/null").st_mtime == 4711,
    "token: name of a process": others_named,
    "token: name of the host": lambda: socket.gethostname() == "token",
}

DOORS = {
    "pages that were read": pages_read,
    "a terminal": lambda: os.open("/dev/ptmx", os.O_RDWR),
    "a lease": lambda: fcntl.fcntl(os.open(os.__file__, os.O_RDONLY), 1024, fcntl.F_RDLCK),
    "news of a folder": lambda: fcntl.fcntl(os.open("/usr", os.O_RDONLY), 1026, 2),
    "signals by a file": lambda: fcntl.fcntl(0, fcntl.F_SETOWN, PID),
    "a larger buffer": larger_buffer,
    "a larger pipe": lambda: fcntl.fcntl(os.pipe()[1], 1031, 1 << 20),
    "keys: add": lambda: call(248, 217, b"user", b"token", b"x", 1, -3),
    "keys: request": lambda: call(249, 218, b"user", b"token", None, -3),
    "keys: join": lambda: call(250, 219, 1, None),
    "SysV memory": lambda: call(29, 194, 4712, 4096, 0o1666),
    "SysV semaphores": lambda: call(64, 190, 4711, 1, 0o1666),
    "SysV messages": lambda: call(68, 186, 4711, 0o1666),
    "POSIX messages": lambda: call(240, 180, b"/token", 0o102, 0o666, None),
    "memfd": lambda: os.memfd_create("x"),
    "io_uring": lambda: call(425, 425, 4, ctypes.create_string_buffer(120)),
    "userfaultfd": lambda: call(323, 282, 0),
    "bpf": lambda: call(321, 280, 0, ctypes.create_string_buffer(72), 72),
    "perf": lambda: call(298, 241, ctypes.create_string_buffer(120), 0, -1, -1, 0),
    "ptrace": lambda: call(101, 117, 16, os.getppid(), 0, 0),
    "memory of others": lambda: call(310, 270, PID, None, 0, None, 0, 0),
    "inotify": lambda: call(294, 26, 0),
    "fanotify": lambda: call(300, 262, 0, 0),
    "handles": lambda: call(
        303, 264, -100, b"/usr", ctypes.create_string_buffer(200), ctypes.create_string_buffer(8), 0
    ),
    "user namespace": lambda: call(272, 97, 0x10000000),
    "clone into a user namespace": clone,
    "mount": lambda: call(165, 40, b"none", b"/mnt", b"tmpfs", 0, None),
    "chroot": lambda: os.chroot("/"),
    "a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
    "netlink": lambda: socket.socket(16, socket.SOCK_RAW),
    "vsock": lambda: socket.socket(40, socket.SOCK_STREAM),
    "packets": lambda: socket.socket(17, socket.SOCK_RAW),
    "the kernel's ciphers": lambda: socket.socket(38, socket.SOCK_SEQPACKET),
    "a named socket": connect,
    "a datagram to a named socket": send,
    "attributes": lambda: os.setxattr(".", "user.token", b"x"),
    "limits of the grader": lambda: resource.prlimit(PID, resource.RLIMIT_NOFILE),
    "cores of the grader": lambda: os.sched_getaffinity(PID),
    "priority": lambda: os.nice(1),
    "a signal to the grader": lambda: os.kill(PID, 0),
    "the grader's file": lambda: os.open(HOME + "/gradebook.db", os.O_RDONLY),
    "modes and times": lambda: change(HOME + "/gradebook.db"),
    "the grader's folder": lambda: os.listdir(HOME),
    "the grader's memory": lambda: os.open(f"/proc/{PID}/mem", os.O_RDONLY),
    "the grader's environment": lambda: os.open(f"/proc/{PID}/environ", os.O_RDONLY),
    "shared temporary folders": lambda: os.path.exists(HOME) and os.listdir(HOME + "/.."),
    "a lasting file": lambda: os.open("/usr/token", os.O_CREAT),
    "times of Python's files": lambda: os.utime(os.__file__, (7, 7)) or os.stat(os.__file__).st_mtime == 7,
}

for name, attempt in (TOKENS | DOORS).items():
    try_door(name, attempt)
checks.equal("which doors are open", ", ".join(open_doors) or "none", "none")
