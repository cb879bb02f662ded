"""A cell that leaves a token wherever something may last or be seen, and holds it. holes.py looks for it."""

import contextlib
import ctypes
import fcntl
import os
import platform
import socket

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
hold(lambda: os.sched_setaffinity(0, {max(os.sched_getaffinity(0))}))
hold(lambda: os.nice(7))
hold(lambda: os.utime(os.__file__, (KEY, KEY)))
libc.prctl(15, b"token", 0, 0, 0)
call(170, 161, b"token", 5)  # the name of the host
