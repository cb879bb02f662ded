"""Gives Python another default encoding, as the locale of a machine does, except in UTF-8 mode.

TEXT_ENCODING names it: latin-1, or cp1252 as on Windows. It stands in for a locale that few machines have installed.
What it changes is all that decides: the functions that open files, and the one that subprocess asks.
"""

import builtins
import io
import locale
import os
import sys

ENCODING = os.environ.get("TEXT_ENCODING", "latin-1")


def _open(file, mode="r", buffering=-1, encoding=None, *more, **options):
    if encoding in (None, "locale") and "b" not in mode:
        encoding = ENCODING
    return _real(file, mode, buffering, encoding, *more, **options)


if not sys.flags.utf8_mode:
    _real = io.open
    builtins.open = io.open = _open
    locale.getencoding = lambda: ENCODING
    locale.getpreferredencoding = lambda do_setlocale=True: ENCODING
    for _stream in (sys.stdin, sys.stdout, sys.stderr):
        if _stream is not None:
            _stream.reconfigure(encoding=ENCODING)
