"""The package's own tests, run again and again on changed exports, by processes forked from one that has pytest loaded.

`python tests/course/package_tests.py TEST_FILE [LIBRARY]...` reads a folder and a word a line, and answers with
pytest's exit code for TEST_FILE run there, where a `tinytorch` lies: 0 if all passed. Tests come first that failed
before, as whoever missed one statement of a function most often misses the next, and then those with the word in their
names.
"""

import contextlib
import importlib
import mmap
import os
import signal
import subprocess
import sys
import weakref
from pathlib import Path

SECONDS = 30  # a deleted statement may well leave an endless loop


class PackageTests:
    """Runs one file of tests; libraries: names of modules to be imported before."""

    def __init__(self, tests: Path, libraries: tuple[str, ...] = ()):
        command = [sys.executable, "-P", __file__, str(tests), *libraries]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        weakref.finalize(self, self.server.communicate)

    def pass_in(self, folder: Path, about: str = "-") -> bool:
        """Whether the tests pass with the package in `folder`, in which what is named `about` is in doubt."""
        self.server.stdin.write(f"{folder}\t{about}\n")
        return int(self.server.stdout.readline()) == 0


class FailedFirst:
    """A plugin of pytest: tests named in `failed` or for `about` come first; `current` has the name of what runs."""

    def __init__(self, failed: list[str], about: str, current: mmap.mmap):
        self.failed, self.about, self.current = failed, about.lower(), current

    def pytest_collection_modifyitems(self, items):
        items.sort(key=lambda item: self._rank(item.name))

    def _rank(self, name: str) -> int:
        return self.failed.index(name) if name in self.failed else len(self.failed) + (self.about not in name.lower())

    def pytest_runtest_setup(self, item):
        self.current[:] = item.name.encode()[: len(self.current)].ljust(len(self.current))


def serve(tests: str, libraries: list[str]) -> None:
    for library in ("hypothesis.strategies", "matplotlib.pyplot", "numpy", "pytest", *libraries):
        importlib.import_module(library)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they are not needed, and finding them takes longer than a test
    failed, current = [], mmap.mmap(-1, 1000)
    for line in sys.stdin:
        current[:] = bytes(len(current))
        folder, about = line.rstrip("\n").split("\t")
        child = os.fork()
        if not child:
            _run(tests, folder, FailedFirst(failed, about, current))
        code = _wait(child)
        name = current[:].decode(errors="replace").strip(" \0")
        if code and name:
            failed = [name, *(other for other in failed if other != name)]
        print(code, flush=True)


def _run(tests: str, folder: str, plugin: FailedFirst) -> None:
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
        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--rootdir", folder]
        code = pytest.main([*options, tests], plugins=[plugin])
    finally:
        os._exit(int(code))


def _wait(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return code


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
