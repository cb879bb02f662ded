"""The package's own tests, run again and again on changed exports, by processes forked from one that has pytest loaded.

`python tests/course/package_tests.py TEST_FILE` reads a folder a line, in which a `tinytorch` lies, and answers with
pytest's exit code for TEST_FILE run there: 0 if all passed.
"""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

SECONDS = 60  # a deleted statement may well leave an endless loop


class PackageTests:
    """Runs one file of tests; a context manager."""

    def __init__(self, tests: Path):
        command = [sys.executable, "-P", __file__, str(tests)]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def __enter__(self) -> "PackageTests":
        return self

    def __exit__(self, *error) -> None:
        self.server.communicate()

    def pass_in(self, folder: Path) -> bool:
        """Whether the tests pass with the package in `folder`."""
        self.server.stdin.write(f"{folder}\n")
        return int(self.server.stdout.readline()) == 0


def serve(tests: str) -> None:
    import hypothesis.strategies  # noqa: F401
    import matplotlib.pyplot  # noqa: F401
    import numpy  # noqa: F401
    import pytest  # noqa: F401

    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they are not needed, and finding them takes longer than a test
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(tests, line.rstrip("\n"))
        print(_wait(child), flush=True)


def _run(tests: str, folder: str) -> None:
    code = 1
    try:
        import pytest

        os.setsid()
        signal.alarm(SECONDS)  # whose default is to end the process
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        os.chdir(folder)
        os.environ["PYTHONPATH"] = folder
        sys.path.insert(0, folder)
        sys.dont_write_bytecode = True
        code = pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", folder, tests])
    finally:
        os._exit(int(code))


def _wait(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return code


if __name__ == "__main__":
    serve(sys.argv[1])
