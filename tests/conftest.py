"""What all tests share: the option --thorough, their order, and a Ctrl-C that works."""

import signal

# A shell has what it starts in its background ignore Ctrl-C, and all that is started from there, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption("--thorough", action="store_true", help="leave nothing to a sample: takes an hour")


def pytest_collection_modifyitems(items):
    """The journeys, minutes each, come first: at the end all workers would wait for the one that has them."""
    items.sort(key=lambda item: "journeys" not in item.path.parts)
