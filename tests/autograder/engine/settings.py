"""Enter the setting of another machine, and run a command there: python settings.py WORD... -- COMMAND...

reachable      everybody can reach Python and this repository
container      root has the capabilities that Docker gives it, and no others
admin          the same, and SYS_ADMIN: docker run --cap-add SYS_ADMIN
user           an ordinary user, with no capabilities
masked-proc    a part of /proc is hidden, as Docker has it
chroot         / is a folder, and no mount point
no-new-privs   nobody gains rights by starting a program
no-namespaces  the calls that make and enter namespaces and mounts fail, as Docker's default filter has it
no-landlock    as before Linux 5.13
no-filter      the kernel filters no system calls
own-ipc        what System V's and POSIX's queues and memory hold goes when all ends
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from pathlib import Path

from autograder.engine import landlock, namespaces, seccomp
from autograder.engine.sandbox import PYTHON, _closed_on_the_way_to

ROOT = Path(__file__).resolve().parents[3]
USER = 12345
SYS_ADMIN, DOCKERS_CAPABILITIES = 21, {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 24, 38, 22
NAMESPACES = {"x86_64": (272, 308, 165, 155, 250), "aarch64": (97, 268, 40, 41, 219)}[platform.machine()]
libc = ctypes.CDLL(None)


def in_a_chroot():
    """Whether / is no mount point here: then nobody makes user namespaces."""
    return not any(line.split()[4] == "/" for line in Path("/proc/self/mountinfo").read_text().splitlines())


def be_reachable():
    """Let everybody reach Python and this repository, whose parents may be closed to them: /root, say."""
    namespaces.own_mounts()
    folders = {*PYTHON, str(ROOT)}
    found = {folder: os.open(folder, os.O_PATH | os.O_DIRECTORY) for folder in sorted(folders)}  # outer ones first
    for folder, descriptor in found.items():
        closed = _closed_on_the_way_to({folder})
        if closed:
            namespaces.mount("tmpfs", str(closed), "tmpfs", 0, "mode=755")
        if not Path(folder).is_dir():
            Path(folder).mkdir(parents=True)
            namespaces.mount(f"/proc/self/fd/{descriptor}", folder, None, namespaces.MS_BIND | namespaces.MS_REC)
    for descriptor in found.values():
        os.close(descriptor)


def be_in_a_chroot():
    namespaces.own_mounts()
    namespaces.mount("tmpfs", "/mnt", "tmpfs", 0, "mode=755")
    root = Path("/mnt/root")
    root.mkdir()
    for path in Path("/").iterdir():
        if path.is_symlink():
            (root / path.name).symlink_to(path.readlink())
        elif path.is_dir():
            (root / path.name).mkdir()
            namespaces.mount(str(path), str(root / path.name), None, namespaces.MS_BIND | namespaces.MS_REC)
    folder = os.getcwd()
    os.chroot(root)
    os.chdir(folder)


def mask_proc():
    namespaces.own_mounts()
    namespaces.mount("tmpfs", "/proc/irq", "tmpfs", namespaces.MS_RDONLY)


def be_a_user():
    os.setgroups([])
    os.setresgid(USER, USER, USER)
    os.setresuid(USER, USER, USER)


def be_in_a_container(more=frozenset()):
    for capability in set(range(64)) - DOCKERS_CAPABILITIES - more:
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def answer(calls, error):
    """Have the kernel answer system calls with an error."""
    lines = [(0x20, 0, 0, 0)]
    lines += [line for call in calls for line in ((0x15, 0, 1, call), (0x06, 0, 0, 0x50000 | error))]
    lines += [(0x06, 0, 0, 0x7FFF0000)]
    text = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in lines))
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # an emulation: Docker's own filter needs no such condition
    given = ctypes.c_char_p(struct.pack("HP", len(lines), ctypes.addressof(text)))
    assert not libc.prctl(PR_SET_SECCOMP, 2, given, 0, 0)


WORDS = {
    "reachable": be_reachable,
    "masked-proc": mask_proc,
    "chroot": be_in_a_chroot,
    "user": be_a_user,
    "container": be_in_a_container,
    "admin": lambda: be_in_a_container({SYS_ADMIN}),
    "no-new-privs": lambda: libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
    "no-namespaces": lambda: answer(NAMESPACES, errno.EPERM),
    "no-filter": lambda: answer([seccomp.SECCOMP[platform.machine()]], errno.ENOSYS),
    "own-ipc": lambda: namespaces._new_namespaces(namespaces.CLONE_NEWIPC),
    "no-landlock": lambda: answer([landlock.CREATE_RULESET], errno.ENOSYS),
}

if __name__ == "__main__":
    at = sys.argv.index("--")
    for word in sys.argv[1:at]:
        WORDS[word]()
    os.execv(sys.argv[at + 1], sys.argv[at + 1 :])
