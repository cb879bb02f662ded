"""Makes Python take text for Latin-1 by default, as on a machine with that locale, except in UTF-8 mode.

It stands in for a locale that few machines have installed. What it changes is all that decides: the functions that
open files, and the one that subprocess asks.
"""

import builtins
import io
import locale
import sys


def _open(file, mode="r", buffering=-1, encoding=None, *more, **options):
    if encoding in (None, "locale") and "b" not in mode:
        encoding = "latin-1"
    return _real(file, mode, buffering, encoding, *more, **options)


if not sys.flags.utf8_mode:
    _real = io.open
    builtins.open = io.open = _open
    locale.getencoding = lambda: "latin-1"
    locale.getpreferredencoding = lambda do_setlocale=True: "latin-1"
    for _stream in (sys.stdin, sys.stdout, sys.stderr):
        if _stream is not None:
            _stream.reconfigure(encoding="latin-1")
