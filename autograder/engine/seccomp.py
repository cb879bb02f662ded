"""Seccomp, which keeps a process to the system calls that a notebook needs: the table, and the filter made of it.

A filter is a program for the kernel's packet filter (Documentation/userspace-api/seccomp_filter.rst). The kernel runs
it at each system call, with the call's number and arguments, and obeys its answer. What the table does not name, a
newer kernel's calls among them, does not exist for the process: ENOSYS, with which libraries know how to live.
"""

import ctypes
import errno
import functools
import os
import platform
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Instruction = tuple[int, int, int, int]  # operation, lines to skip if true, if false, and its number
Machine = Literal["x86_64", "aarch64"]

ARCHITECTURES: dict[str, int] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32 = 0x40000000  # on x86_64, numbers from here on are those of a second, older table
SECCOMP = {"x86_64": 317, "aarch64": 277}

LOAD, EQUAL, GREATER, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x25, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # where they stand in what a filter is given
KILL, ALLOW = 0x80000000, 0x7FFF0000
SET_FILTER, SPECULATE = 1, 4
PR_SET_NO_NEW_PRIVS = 38


def error(number: int) -> int:
    """The answer that makes a call fail with an error; with 0, the call does nothing and seems to succeed."""
    return 0x00050000 | number


# Names of system calls, with their numbers on x86_64 and on aarch64.
ALLOWED = """
read 0 63, write 1 64, open 2 -, close 3 57, stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79, statx 332 291,
statfs 137 43, fstatfs 138 44, lseek 8 62, pread64 17 67, pwrite64 18 68, readv 19 65, writev 20 66, preadv 295 69,
pwritev 296 70, pwritev2 328 287, access 21 -, faccessat 269 48, faccessat2 439 439, fsync 74 82,
fdatasync 75 83, truncate 76 45, ftruncate 77 46, fallocate 285 47, getdents 78 -, getdents64 217 61, getcwd 79 17,
chdir 80 49, fchdir 81 50, rename 82 -, renameat 264 38, renameat2 316 276, mkdir 83 -, mkdirat 258 34, rmdir 84 -,
creat 85 -, openat 257 56, link 86 -, linkat 265 37, unlink 87 -, unlinkat 263 35, symlink 88 -, symlinkat 266 36,
readlink 89 -, readlinkat 267 78, mknod 133 -, mknodat 259 33, umask 95 166, dup 32 23, dup2 33 -, dup3 292 24,
close_range 436 436, sendfile 40 71, splice 275 76, tee 276 77, copy_file_range 326 285,

mmap 9 222, mprotect 10 226, munmap 11 215, brk 12 214, mremap 25 216, msync 26 227, madvise 28 233, membarrier 324 283,

poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -, epoll_create1 291 20, epoll_ctl 233 21,
epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, pipe 22 -, pipe2 293 59, eventfd 284 -, eventfd2 290 19,
signalfd 282 -, signalfd4 289 74, timerfd_create 283 85, timerfd_settime 286 86, timerfd_gettime 287 87, futex 202 98,
nanosleep 35 101, clock_nanosleep 230 115, pause 34 -,

rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136, rt_sigtimedwait 128 137,
rt_sigsuspend 130 133, sigaltstack 131 132, alarm 37 -, getitimer 36 102, setitimer 38 103, timer_create 222 107,
timer_settime 223 110, timer_gettime 224 108, timer_getoverrun 225 109, timer_delete 226 111, restart_syscall 219 128,

fork 57 -, vfork 58 -, exit 60 93, exit_group 231 94, wait4 61 260, waitid 247 95, set_tid_address 218 96,
set_robust_list 273 99, get_robust_list 274 100, rseq 334 293, arch_prctl 158 -, sched_yield 24 124,
sched_getparam 143 121, sched_getscheduler 145 120, sched_get_priority_max 146 125, sched_get_priority_min 147 126,
getpriority 140 141, getrlimit 97 163, setrlimit 160 164,

getpid 39 172, getppid 110 173, gettid 186 178, getpgrp 111 -, getpgid 121 155, getsid 124 156, getuid 102 174,
geteuid 107 175, getgid 104 176, getegid 108 177, getresuid 118 148, getresgid 120 150, getgroups 115 158,
capget 125 90, uname 63 160, sysinfo 99 179, getrusage 98 165, times 100 153, time 201 -, gettimeofday 96 169,
clock_gettime 228 113, clock_getres 229 114, getcpu 309 168, getrandom 318 278,

getsockname 51 204, getpeername 52 205, sendto 44 206, recvfrom 45 207, sendmsg 46 211, recvmsg 47 212,
sendmmsg 307 269, recvmmsg 299 243, shutdown 48 210, getsockopt 55 209
"""
OTHERS = """
clone 56 220, clone3 435 435, execve 59 221, execveat 322 281, prctl 157 167, prlimit64 302 261, fcntl 72 25,
ioctl 16 29, preadv2 327 286, setsockopt 54 208,
flock 73 32, fadvise64 221 223, setpriority 141 140, sched_setscheduler 144 119,
sched_getaffinity 204 123, sched_setaffinity 203 122, kill 62 129, tgkill 234 131, setpgid 109 154,
setsid 112 157, socket 41 198, socketpair 53 199, bind 49 200, listen 50 201,
accept 43 202, accept4 288 242, connect 42 203
"""
ATTRIBUTES = """
chmod 90 -, fchmod 91 52, fchmodat 268 53, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54, utime 132 -,
utimes 235 -, futimesat 261 -, utimensat 280 88
"""
MORE_ATTRIBUTES = """
setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10, listxattr 194 11,
llistxattr 195 12, flistxattr 196 13, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16
"""


def numbers(table: str, machine: str) -> dict[str, int]:
    """The calls of a table that a machine has: name → number."""
    column = 1 + list(ARCHITECTURES).index(machine)
    rows = (row.split() for row in table.split(",") if row.strip())
    return {row[0]: int(row[column]) for row in rows if row[column] != "-"}


# --- what is answered to calls that depend on their arguments ------------------------------------------


@dataclass(frozen=True)
class Only:
    """A call goes on if an argument has one of these values; otherwise it is answered."""

    argument: int
    values: tuple[int, ...]
    otherwise: int


@dataclass(frozen=True)
class Not:
    """A call is answered if an argument has one of these values; otherwise it goes on."""

    argument: int
    values: tuple[int, ...]
    answer: int


@dataclass(frozen=True)
class NoBit:
    """A call is answered if an argument has one of these bits; otherwise it goes on."""

    argument: int
    bits: int
    answer: int


Rule = tuple[Only | Not | NoBit, ...]  # a call that passes all of them is allowed

UNIX, INET, INET6 = 1, 2, 10
STREAM, DATAGRAM, FLAGS = 1, 2, (0, 0x800, 0x80000, 0x80800)  # SOCK_NONBLOCK, SOCK_CLOEXEC
TCP, UDP = 6, 17
NO_FAMILY = error(errno.EOPNOTSUPP)  # with another error, ZeroMQ ends the process
NEW_NAMESPACES, CLONE_PARENT, CLONE_PTRACE = 0x7E020000, 0x8000, 0x2000
SET_LOCKS = (6, 7, 37, 38)  # F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW
# F_DUPFD to F_SETFL, F_GETLK, F_OFD_GETLK, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. Pipes grow from what the whole user may have.
FILE_CONTROL = (0, 1, 2, 3, 4, 5, 36, 1030, 1032)
NOWAIT = 0x8  # RWF_NOWAIT
BUFFERS = (7, 8, 32, 33)  # SO_SNDBUF, SO_RCVBUF, and the same beyond the limit
DEVICE_CONTROL = (0x541B, 0x5421, 0x5450, 0x5451)  # FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
PROCESS_CONTROL = (1, 3, 15, 16, 21, 23, 39)  # a signal at the parent's death, names; the rest only asks

EVERYWHERE: dict[str, Rule | int] = {
    "clone": (NoBit(0, NEW_NAMESPACES | CLONE_PARENT | CLONE_PTRACE, error(errno.EPERM)),),
    "clone3": error(errno.ENOSYS),  # its arguments lie in memory, where no filter sees them; libc then uses clone
    "execve": error(errno.EACCES),
    "execveat": error(errno.EACCES),
    "prctl": (Only(0, PROCESS_CONTROL, error(errno.EINVAL)),),
    "prlimit64": (Only(0, (0,), error(errno.EPERM)),),
    # Locks on files that all submissions can read would be signals. Alone in its folder, nobody needs them.
    "fcntl": (Not(1, SET_LOCKS, error(0)), Only(1, FILE_CONTROL, error(errno.EINVAL))),
    "preadv2": (NoBit(5, NOWAIT, error(errno.EOPNOTSUPP)),),  # would tell what others have read of Python's files
    "flock": error(0),
    "fadvise64": error(0),
    "ioctl": (Only(1, DEVICE_CONTROL, error(errno.ENOTTY)),),
    "setpriority": error(errno.EPERM),
    "sched_setscheduler": error(0),  # ZeroMQ ends the process if it may not say that its threads are ordinary
    "setsockopt": (Not(2, BUFFERS, error(0)),),  # what waits in a socket is memory that no process is charged with
    "socketpair": (Only(0, (UNIX,), NO_FAMILY),),
}
SOCKETS: Rule = (
    Only(0, (UNIX, INET, INET6), NO_FAMILY),
    Only(1, tuple(kind | flags for kind in (STREAM, DATAGRAM) for flags in FLAGS), error(errno.EPROTONOSUPPORT)),
    Only(2, (0, TCP, UDP), error(errno.EPROTONOSUPPORT)),
)
SERVERS: Rule = (
    Only(0, (UNIX,), NO_FAMILY),
    Only(1, tuple(STREAM | flags for flags in FLAGS), error(errno.EPROTONOSUPPORT)),
)
SERVING = ("bind", "listen", "accept", "accept4")


@dataclass(frozen=True)
class Setting:
    """What else keeps a process in, on which depends what the filter must.

    own_files: whether it sees no file that is not read-only or its own, and no process but its own
    signals_stay: whether its signals can't reach others
    serves: whether it offers named sockets, as an IPython kernel does
    """

    own_files: bool = False
    signals_stay: bool = False
    serves: bool = False


def rules_of(machine: str, setting: Setting, pid: int = 0) -> dict[int, Rule | int]:
    """number of a call → its rule, or the answer that it always gets. Calls that are not named don't exist.

    pid: the process itself, which may signal itself in any setting
    """
    if setting.own_files:
        depends: dict[str, Rule | int] = dict.fromkeys(
            ("connect", *SERVING, "setsid", "setpgid", "kill", "tgkill", "sched_setaffinity", "sched_getaffinity"),
            ALLOW,
        )
        depends |= {"socket": SOCKETS} | dict.fromkeys(numbers(ATTRIBUTES, machine), ALLOW)
    else:
        own: Rule = (Only(0, (0,), error(errno.EPERM)),)
        depends = {"sched_setaffinity": own, "sched_getaffinity": own, "connect": error(errno.EACCES)}
        depends |= dict.fromkeys(
            ("setsid", "setpgid"), error(errno.EPERM)
        )  # who is to be ended with its group stays in it
        depends |= dict.fromkeys(SERVING, ALLOW if setting.serves else error(errno.EACCES))
        depends |= {"socket": SERVERS if setting.serves else NO_FAMILY}
        depends |= dict.fromkeys(numbers(ATTRIBUTES, machine), error(0))  # its user's other files have them, too
        mine: Rule = (Only(0, (0, pid), error(errno.EPERM)),)
        depends |= dict.fromkeys(("kill", "tgkill"), ALLOW if setting.signals_stay else mine)
    depends |= dict.fromkeys(numbers(MORE_ATTRIBUTES, machine), error(errno.EOPNOTSUPP))
    known = numbers(OTHERS + "," + ATTRIBUTES + "," + MORE_ATTRIBUTES, machine)
    found: dict[int, Rule | int] = dict.fromkeys(numbers(ALLOWED, machine).values(), ALLOW)
    return found | {known[name]: rule for name, rule in (EVERYWHERE | depends).items() if name in known}


# --- the program ------------------------------------------------------------------------------------


def program(machine: str, calls: Mapping[int, Rule | int]) -> list[Instruction]:
    """The filter that answers as `calls` say. Another architecture's calls, which differ in number, end the process."""
    lines = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[machine]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if machine == "x86_64":
        lines += [(AT_LEAST, 0, 1, X32), (RETURN, 0, 0, KILL)]
    for number, rule in sorted(calls.items()):
        if not isinstance(rule, int):
            checks = [line for test in rule for line in _lines(test)] + [(RETURN, 0, 0, ALLOW)]
            lines += [(EQUAL, 0, len(checks), number), *checks]
    for last, answer in _ranges({number: rule for number, rule in calls.items() if isinstance(rule, int)}):
        lines += [(GREATER, 1, 0, last), (RETURN, 0, 0, answer)]
    return [*lines, (RETURN, 0, 0, error(errno.ENOSYS))]


def _lines(test: Only | Not | NoBit) -> Iterator[Instruction]:
    """Only the lower half of an argument is looked at: the kernel uses no more of those that are tested."""
    yield LOAD, 0, 0, ARGUMENTS + 8 * test.argument
    match test:
        case Only(_, values, otherwise):
            yield from ((EQUAL, len(values) - at, 0, value) for at, value in enumerate(values))
            yield RETURN, 0, 0, otherwise
        case Not(_, values, answer):
            for value in values:
                yield EQUAL, 0, 1, value
                yield RETURN, 0, 0, answer
        case NoBit(_, bits, answer):
            yield ANY_BIT, 0, 1, bits
            yield RETURN, 0, 0, answer


def _ranges(answered: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """(last number, answer) of each run of numbers with the same answer, from 0 on."""
    last = max(answered)
    by_number = [answered.get(number, error(errno.ENOSYS)) for number in range(last + 1)]
    for number, answer in enumerate(by_number):
        if number == last or by_number[number + 1] != answer:
            yield number, answer


@functools.cache
def compiled(machine: str, setting: Setting, pid: int = 0) -> bytes:
    """The filter as the kernel takes it."""
    return b"".join(struct.pack("=HBBI", *line) for line in program(machine, rules_of(machine, setting, pid)))


# --- putting it into force ----------------------------------------------------------------------------

_libc = ctypes.CDLL(None, use_errno=True)


def make(setting: Setting) -> bytes:
    """The filter for this process. Raises NotImplementedError on an architecture without a table."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise NotImplementedError(f"there is no table of system calls for {machine}")
    return compiled(machine, setting, 0 if setting.own_files or setting.signals_stay else os.getpid())


def filter_calls(setting: Setting) -> None:
    """Keep this process, and all that it starts, to these calls. Raises OSError where the kernel has no filters, and
    NotImplementedError as `make` does."""
    text = make(setting)
    lines = ctypes.create_string_buffer(text, len(text))
    given = struct.pack("HP", len(text) // 8, ctypes.addressof(lines))
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # a condition for the next call
    if _libc.syscall(SECCOMP[platform.machine()], SET_FILTER, SPECULATE, given):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), "seccomp")
