"""Ctrl-C works in tests, also in the background of a shell, which has it ignored there by all that it starts."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
