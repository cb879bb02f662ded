"""Landlock, which keeps a process away from files, ports and other processes: its system calls, made directly.

Each version of Landlock knows more kinds of access. What this kernel does not know is left out.
"""

import ctypes
import os
import struct
from collections.abc import Iterable, Mapping

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same number on every architecture
ASK_FOR_VERSION = PATH_BENEATH = 1
PR_SET_NO_NEW_PRIVS = 38

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
MAKE_CHAR, MAKE_BLOCK, IOCTL_DEV = 1 << 6, 1 << 11, 1 << 15
KINDS = {1: 13, 2: 14, 3: 15, 5: 16}  # version: how many kinds of access to files it knows
SCOPES = 6  # since this version, it keeps a process from the abstract sockets and the signals of others
TCP, OTHERS = 0b11, 0b11  # bind and connect, since version 4; both scopes

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def version() -> int:
    """The version of this kernel's Landlock. Raises OSError where there is none."""
    return _call(CREATE_RULESET, None, 0, ASK_FOR_VERSION)


def restrict(rules: Mapping[str, int]) -> None:
    """Leave this process, and all that it starts, no access but what `rules` allow: path → kinds of access below it."""
    known = version()
    files = (1 << max(count for since, count in KINDS.items() if since <= known)) - 1
    handled = struct.pack("=QQQ", files, TCP if known >= 4 else 0, OTHERS if known >= SCOPES else 0)
    ruleset = _call(CREATE_RULESET, handled, len(handled), 0)
    try:
        for path, kinds in rules.items():
            _allow(ruleset, path, kinds & files)
        _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)  # a condition for the next call
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, kinds: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        _call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", kinds, descriptor), 0)
    finally:
        os.close(descriptor)


def every(*kinds: int) -> int:
    """Every kind of access, except for `kinds`."""
    return ~sum(kinds) & ((1 << max(KINDS.values())) - 1)


def _call(number: int, *arguments: int | bytes | None) -> int:
    words: Iterable = (ctypes.c_long(one) if isinstance(one, int) else one for one in (number, *arguments))
    result = _libc.syscall(*words)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), "Landlock")
    return result
