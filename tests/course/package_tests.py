"""The package's own tests, run again and again on changed exports, by processes forked from one that has pytest loaded.

`python tests/course/package_tests.py TEST_FILE [LIBRARY]...` reads a folder a line, in which a `tinytorch` lies, and
answers with pytest's exit code for TEST_FILE run there: 0 if all passed. Tests that failed for it last time come first,
as whoever missed one statement of a function most often misses the next.
"""

import contextlib
import gc
import importlib
import io
import os
import signal
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path

NOBODY_READS = "--assert=plain", "--tb=native", "--noconftest"  # what a failure looks like: that took half of the time
SECONDS = 30  # a deleted statement may well leave an endless loop


class PackageTests:
    """Runs one file of tests; libraries: names of modules to be imported before."""

    def __init__(self, tests: Path, libraries: tuple[str, ...] = ()):
        command = [sys.executable, "-P", __file__, str(tests), *libraries]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        weakref.finalize(self, self.server.communicate)

    def pass_in(self, folder: Path) -> bool:
        """Whether the tests pass with the package in `folder`."""
        self.server.stdin.write(f"{folder}\n")
        return int(self.server.stdout.readline()) == 0


def serve(tests: str, libraries: list[str]) -> None:
    for library in ("hypothesis.strategies", "matplotlib.pyplot", "numpy", "pytest", *libraries):
        importlib.import_module(library)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they are not needed, and finding them takes longer than a test
    _take_the_first_failure()
    _warm_up()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            _run(tests, line.rstrip("\n"))
        print(_wait(child), flush=True)


def _take_the_first_failure() -> None:
    """Whether there is one is all that is asked: Hypothesis need not look for a smaller one."""
    from hypothesis import Phase, settings

    settings.register_profile("first failure", phases=(Phase.explicit, Phase.generate), database=None)
    settings.load_profile("first failure")


def _warm_up() -> None:
    """What pytest imports at its first run only is there; what is there now need not be looked at by every collection
    of garbage in a child, of which pytest makes several: they took four fifths of its time."""
    import pytest

    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        Path(folder, "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        code = pytest.main(["-q", "-p", "no:cacheprovider", "--rootdir", folder, folder])
        assert code == 0, "pytest itself fails"
    gc.collect()
    gc.freeze()


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
        options = ["-x", "-q", "--failed-first", "-p", "no:xdist", "--rootdir", folder, "-o", "cache_dir=.pytest_cache"]
        code = pytest.main([*options, *NOBODY_READS, tests])
    finally:
        os._exit(int(code))


def _wait(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return code


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2:])
