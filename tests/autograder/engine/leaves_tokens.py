"""A cell that leaves a token wherever something may last or be seen, and holds it. holes.py looks for it."""

import array
import contextlib
import ctypes
import fcntl
import mmap
import os
import platform
import socket
import threading

import numpy as np

libc = ctypes.CDLL(None)
X86, KEY = platform.machine() == "x86_64", 4711
held = []


def call(x86_64, aarch64, *arguments):
    words = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return libc.syscall(ctypes.c_long(x86_64 if X86 else aarch64), *words)


def hold(make):
    with contextlib.suppress(OSError, AttributeError, ValueError):
        held.append(make())


def locked(lock):
    file = os.open(os.__file__, os.O_RDONLY)
    lock(file)
    return file


def bound(kind, name, family=socket.AF_UNIX):
    one = socket.socket(family, kind)
    one.bind(name)
    one.listen()
    return one


def wait_on_a_file():
    with open(socket.__file__, "rb") as file:
        page = np.frombuffer(mmap.mmap(file.fileno(), 0, mmap.MAP_SHARED, mmap.PROT_READ), np.int32, count=1)
    address = page.ctypes.data
    words = [ctypes.c_long(202 if X86 else 98), ctypes.c_void_p(address), ctypes.c_long(0), ctypes.c_long(int(page[0]))]
    threading.Thread(target=libc.syscall, args=(*words, None, None, ctypes.c_long(0)), daemon=True).start()
    return page


def descriptors_under_way():
    ends = socket.socketpair()
    for _ in range(10):
        ends[0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 20))])
    return ends


def large_pipes():
    pipes = [os.pipe() for _ in range(70)]
    for _, end in pipes:
        fcntl.fcntl(end, 1031, 1 << 20)
    return pipes


for ring in (-1, -2, -3, -4, -5):  # of the thread, the process, the session, the user, the user's sessions
    call(248, 217, b"user", b"token", b"x", 1, ring)
for maker in ((29, 194, KEY, 4096, 0o1666), (64, 190, KEY, 1, 0o1666), (68, 186, KEY, 0o1666)):
    call(*maker)
call(240, 180, b"/token", 0o102, 0o666, None)
for place in ("/tmp/token", "/var/tmp/token", "/dev/shm/token", os.getcwd() + "/../token", "/usr/token", "/etc/token"):
    hold(lambda place=place: os.open(place, os.O_CREAT | os.O_RDWR, 0o666))
hold(lambda: locked(lambda file: fcntl.flock(file, fcntl.LOCK_EX)))
hold(lambda: locked(lambda file: fcntl.lockf(file, fcntl.LOCK_SH, 1, KEY)))
hold(lambda: bound(socket.SOCK_STREAM, "\0token"))
hold(lambda: bound(socket.SOCK_STREAM, "/tmp/token-socket"))
hold(lambda: bound(socket.SOCK_STREAM, ("127.0.0.1", KEY), socket.AF_INET))
for number in range(64):
    hold(lambda number=number: fcntl.fcntl(number, fcntl.F_SETFL, fcntl.fcntl(number, fcntl.F_GETFL) | os.O_APPEND))
hold(wait_on_a_file)
hold(descriptors_under_way)
hold(large_pipes)
hold(lambda: os.utime("/dev/null", (KEY, KEY)))
hold(lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}))
hold(lambda: os.nice(7))
hold(lambda: os.utime(os.__file__, (KEY, KEY)))
libc.prctl(15, b"token", 0, 0, 0)
call(170, 161, b"token", 5)  # the name of the host
