"""What the filter of system calls answers, on both architectures: an interpreter of its programs asks it everything."""

import errno
import os
import platform
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.engine import seccomp
from autograder.engine.seccomp import ALLOW, KILL, Setting, error

ROOT = Path(__file__).resolve().parents[3]
TABLES = ",".join((seccomp.ALLOWED, seccomp.OTHERS, seccomp.ATTRIBUTES, seccomp.MORE_ATTRIBUTES))
MACHINES = sorted(seccomp.ARCHITECTURES)
SETTINGS = [Setting(), Setting(own_files=True), Setting(signals_stay=True, serves=True)]
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
FORBIDDEN = {  # names and numbers (x86_64, aarch64) of calls that nobody may have
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "bpf": (321, 280),
    "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "io_uring_enter": (426, 426),
    "userfaultfd": (323, 282), "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "fsopen": (430, 430), "move_mount": (429, 429),
    "open_tree": (428, 428), "unshare": (272, 97), "setns": (308, 268), "memfd_create": (319, 279),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180), "inotify_init1": (294, 26),
    "fanotify_init": (300, 262), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "setuid": (105, 146), "setresuid": (117, 147), "capset": (126, 91), "kcmp": (312, 272), "personality": (135, 92),
    "seccomp": (317, 277), "landlock_restrict_self": (446, 446), "mincore": (27, 232), "cachestat": (451, 451),
}  # fmt: skip


def answer(machine, setting, number, *arguments, architecture=None, pid=0):
    """What a filter answers: its program, run as the kernel runs it."""
    data = struct.pack("=IIQ", number, architecture or seccomp.ARCHITECTURES[machine], 0)
    data += struct.pack("=6Q", *[value % 2**64 for value in arguments], *[0] * (6 - len(arguments)))
    lines = list(struct.iter_unpack("=HBBI", seccomp.compiled(machine, setting, pid)))
    at = loaded = 0
    while True:
        operation, if_true, if_false, value = lines[at]
        at += 1
        match operation:
            case seccomp.LOAD:
                (loaded,) = struct.unpack_from("=I", data, value)
            case seccomp.RETURN:
                return value
            case seccomp.EQUAL:
                at += if_true if loaded == value else if_false
            case seccomp.GREATER:
                at += if_true if loaded > value else if_false
            case seccomp.AT_LEAST:
                at += if_true if loaded >= value else if_false
            case seccomp.ANY_BIT:
                at += if_true if loaded & value else if_false


def call(machine, setting, name, *arguments, **options):
    return answer(machine, setting, seccomp.numbers(TABLES, machine)[name], *arguments, **options)


in_all = pytest.mark.parametrize("setting", SETTINGS, ids=["by Landlock alone", "own files", "a kernel"])
on_both = pytest.mark.parametrize("machine", MACHINES)


@on_both
@in_all
def test_every_number_gets_the_answer_that_is_stated(machine, setting):
    stated = seccomp.rules_of(machine, setting)
    for number in range(600):
        want = stated.get(number, error(errno.ENOSYS))
        if isinstance(want, int):
            assert answer(machine, setting, number) == want, number


@on_both
@in_all
def test_what_nobody_may_have_does_not_exist(machine, setting):
    column = ["x86_64", "aarch64"].index(machine)
    assert {answer(machine, setting, number[column]) for number in FORBIDDEN.values()} == {error(errno.ENOSYS)}
    assert {answer(machine, setting, number) for number in (470, 999, 2**30 - 1)} == {error(errno.ENOSYS)}


@on_both
@in_all
def test_another_architectures_calls_end_the_process(machine, setting):
    for architecture in (0x40000003, 0x40000028, *set(seccomp.ARCHITECTURES.values())):
        if architecture != seccomp.ARCHITECTURES[machine]:
            assert answer(machine, setting, 1, architecture=architecture) == KILL
    if machine == "x86_64":
        assert {answer(machine, setting, seccomp.X32 + number) for number in (0, 1, 519, 2**31)} == {KILL}


@on_both
@in_all
def test_threads_and_forks_go_on_and_namespaces_do_not(machine, setting):
    thread, fork = 0x3D0F00, 0x1200011
    assert {call(machine, setting, "clone", flags) for flags in (thread, fork, fork | 1 << 32)} == {ALLOW}
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000, 0x8000, 0x2000):
        assert call(machine, setting, "clone", fork | flag) == error(errno.EPERM)
    assert call(machine, setting, "clone3") == error(errno.ENOSYS)
    assert call(machine, setting, "execve") == call(machine, setting, "execveat") == error(errno.EACCES)


@on_both
@in_all
def test_arguments_are_looked_at(machine, setting):
    assert call(machine, setting, "prlimit64", 0, 7) == ALLOW
    assert call(machine, setting, "prlimit64", 4711, 7) == error(errno.EPERM)
    assert {call(machine, setting, "fcntl", 3, lock) for lock in seccomp.SET_LOCKS} == {error(0)}
    assert {call(machine, setting, "fcntl", 3, command) for command in (1, 2, 3, 4, 1030)} == {ALLOW}
    leases_and_signals = (8, 10, 15, 1024, 1026, 1033)
    assert {call(machine, setting, "fcntl", 3, command) for command in leases_and_signals} == {error(errno.EINVAL)}
    assert call(machine, setting, "ioctl", 0, 0x5412) == error(errno.ENOTTY)  # TIOCSTI
    assert call(machine, setting, "prctl", 22) == error(errno.EINVAL)
    assert call(machine, setting, "socketpair", 1, 1) == ALLOW
    assert call(machine, setting, "socketpair", 2, 1) == seccomp.NO_FAMILY


SOCKETS = {"netlink": 16, "packet": 17, "vsock": 40, "alg": 38, "bluetooth": 31, "xdp": 44}


@on_both
@in_all
def test_sockets_are_those_that_a_notebook_needs(machine, setting):
    assert ALLOW not in {call(machine, setting, "socket", family, 3) for family in SOCKETS.values()}
    assert call(machine, setting, "socket", 2, 3) != ALLOW  # raw
    assert call(machine, setting, "socket", 1, 1 | 0x80000) == (ALLOW if setting != Setting() else seccomp.NO_FAMILY)
    assert (call(machine, setting, "socket", 2, 1, 0) == ALLOW) == setting.own_files
    assert (call(machine, setting, "connect") == ALLOW) == setting.own_files
    if setting.own_files:
        assert call(machine, setting, "socket", 2, 1, 262) != ALLOW  # multipath TCP
        assert call(machine, setting, "socket", 2, 5) != ALLOW


@on_both
def test_where_its_user_has_other_files_and_processes_nothing_of_them_is_changed(machine):
    for name in seccomp.numbers(seccomp.ATTRIBUTES, machine):
        assert call(machine, Setting(), name) == error(0)
        assert call(machine, Setting(own_files=True), name) == ALLOW
    assert call(machine, Setting(), "kill", 4711, pid=42) == error(errno.EPERM)
    assert call(machine, Setting(), "kill", -1, pid=42) == error(errno.EPERM)
    assert {call(machine, Setting(), "tgkill", pid, pid=42) for pid in (0, 42)} == {ALLOW}
    assert call(machine, Setting(signals_stay=True), "kill", 4711) == ALLOW
    assert call(machine, Setting(), "sched_setaffinity", 4711) == error(errno.EPERM)
    assert call(machine, Setting(), "setsid") == error(errno.EPERM)


@on_both
def test_the_tables_are_the_kernels(machine):
    """Where Linux's headers lie, as on most machines with a compiler. What they don't name is newer than they are."""
    if not HEADERS[machine].exists():
        assert len(seccomp.numbers(TABLES, machine)) > 150
        return
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    kernels = {name: int(number) for name, number in found}
    ours = seccomp.numbers(TABLES, machine) | {
        name: number[["x86_64", "aarch64"].index(machine)] for name, number in FORBIDDEN.items()
    }
    assert {name: number for name, number in ours.items() if kernels.get(name, number) != number} == {}


NEEDED = """
import asyncio, ctypes, os, shutil, sqlite3, sys, tempfile, threading, tracemalloc, zoneinfo
from autograder.engine import seccomp
seccomp.filter_calls(seccomp.Setting({setting}))
folder = tempfile.mkdtemp()
thread = threading.Thread(target=int); thread.start(); thread.join()
async def echo():
    return await asyncio.to_thread(asyncio.run, asyncio.sleep(0, 7))
assert asyncio.run(echo()) == 7
read, write = os.pipe()
if not os.fork():
    os.write(write, b"x"); os._exit(0)
assert os.read(read, 1) == b"x" and os.wait()
open(folder + "/a", "w").write("a")
os.mkdir(folder + "/b"); shutil.copy2(folder + "/a", folder + "/b"); shutil.copytree(folder + "/b", folder + "/c")
with sqlite3.connect(folder + "/db") as db:
    db.execute("create table t (x)")
tracemalloc.start()
zoneinfo.ZoneInfo("Europe/Berlin")
shutil.rmtree(folder)
print("all there", flush=True)
ctypes.CDLL(None).syscall({bad})
"""


@pytest.mark.skipif(platform.machine() not in MACHINES, reason="needs a table of this architecture's calls")
@pytest.mark.parametrize("setting", ["", "own_files=True"])
def test_what_notebooks_need_works(setting):
    text = NEEDED.format(setting=setting, bad=seccomp.X32 if platform.machine() == "x86_64" else 999)
    done = subprocess.run([sys.executable, "-c", text], cwd=ROOT, capture_output=True, text=True, env=dict(os.environ))
    assert done.stdout == "all there\n", done.stderr
    assert (done.returncode == -31) == (platform.machine() == "x86_64")  # SIGSYS, at a call of the other table
