"""tito: the command line of the TinyTorch course, and the checks that its notebooks import."""

__version__ = "0.1.0"
