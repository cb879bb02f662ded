"""What all tests share: the option --thorough, and a Ctrl-C that works."""

import signal

# A shell has what it starts in its background ignore Ctrl-C, and all that is started from there, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--thorough", action="store_true", help="leave nothing to a sample: takes an hour")
