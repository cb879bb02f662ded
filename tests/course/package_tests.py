"""The package's own tests, run again and again on changed exports, by processes forked from one that has pytest loaded.

`python tests/course/package_tests.py TEST_FILE FOLDER [LIBRARY]...` reads a name a line, and answers with pytest's exit
code for TEST_FILE run with the `tinytorch` in FOLDER: 0 if all passed. Tests that have failed for the name come first,
as whoever missed one statement of a function most often misses the next; then those in which the name stands.
"""

import ast
import contextlib
import gc
import importlib
import io
import os
import py_compile
import resource
import signal
import subprocess
import sys
import tempfile
import weakref
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

NOBODY_READS = "--assert=plain", "--tb=native", "--noconftest"  # what a failure looks like: that took half of the time
NOT_NEEDED = "xdist", "cacheprovider", "unraisableexception", "threadexception"  # they collect garbage at each end
FAILED = ".failed"  # the file that names the test that failed, in the folder
CPU_SECONDS = 15  # three times what the slowest tests take: a deleted statement may well leave an endless loop
SECONDS = 300  # or something that waits for ever; a busy machine alone makes the tests ten times slower


class PackageTests:
    """Runs one file of tests with the package in `folder`; libraries: names of modules to be imported before.

    What else lies in the package never changes.
    """

    def __init__(self, tests: Path, folder: Path, libraries: tuple[str, ...] = ()):
        command = [sys.executable, "-P", __file__, str(tests), str(folder), *libraries]
        self.server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        weakref.finalize(self, self.server.communicate)

    def exit_code(self, name: str) -> int:
        """pytest's, or a signal's number below 0, with the package as it is now. name: what was changed in it"""
        self.server.stdin.write(f"{name}\n")
        return int(self.server.stdout.readline())


@dataclass
class LikelyFirst:
    """A plug-in: the tests that will most likely fail for a name come first.

    used: function → the names in it; failed: the tests that have failed for the name
    """

    name: str
    used: dict[str, set[str]]
    failed: set[str]

    def pytest_collection_modifyitems(self, items):
        items.sort(key=lambda item: (item.nodeid not in self.failed, self.name not in self.used[item.originalname]))

    def pytest_runtest_logreport(self, report):
        if report.failed:
            Path(FAILED).write_text(report.nodeid, encoding="utf-8")


def serve(tests: str, folder: str, libraries: list[str]) -> None:
    for library in ("hypothesis.strategies", "matplotlib.pyplot", "numpy", "pytest", *libraries):
        importlib.import_module(library)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they are not needed, and finding them takes longer than a test
    _take_the_first_failure()
    _move_to(folder)
    _warm_up(tests)
    used, failed = names_used(Path(tests).read_text(encoding="utf-8")), defaultdict(set)
    for name in map(str.strip, sys.stdin):
        child = os.fork()
        if not child:
            _run(tests, folder, LikelyFirst(name, used, failed[name]))
        code = _wait(child)
        with contextlib.suppress(FileNotFoundError):
            failed[name].add(Path(folder, FAILED).read_text(encoding="utf-8"))
        print(code, flush=True)


def names_used(text: str) -> dict[str, set[str]]:
    """function → the names and attributes that stand in it."""
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]
    return {function.name: set(map(_name, ast.walk(function))) for function in functions}


def _name(node: ast.AST) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _take_the_first_failure() -> None:
    """Whether there is one is all that is asked: Hypothesis need not look for a smaller one. As in `tito test`, a slow
    machine fails no test, and each run tries the same examples."""
    from hypothesis import Phase, settings

    settings.register_profile(
        "first failure", parent=settings.get_profile("ci"), phases=(Phase.explicit, Phase.generate)
    )
    settings.load_profile("first failure")


def _move_to(folder: str) -> None:
    os.chdir(folder)
    os.environ["PYTHONPATH"] = folder
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True


def _warm_up(tests: str) -> None:
    """What does not change, and what pytest and Numba import at their first run only, is there; what is there now need
    not be looked at by every collection of garbage in a child, of which pytest makes several: they took four fifths of
    its time."""
    import pytest

    for module in _unchanged(tests):
        importlib.import_module(f"tinytorch.core.{module}")
    if "numba" in sys.modules:
        sys.modules["numba"].njit(lambda x: x.sum())(importlib.import_module("numpy").ones((2, 2), "float32"))
    with contextlib.suppress(OSError):  # then each run compiles them anew
        py_compile.compile(tests)
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        Path(folder, "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        code = pytest.main(["-q", "-p", "no:cacheprovider", "--basetemp", f"{folder}/tmp", "--rootdir", folder, folder])
        assert code == 0, "pytest itself fails"
    gc.collect()
    gc.freeze()


def _unchanged(tests: str) -> list[str]:
    """The modules in the package but for the one that is tested."""
    changed = Path(tests).stem.removeprefix("test_")
    return sorted(
        path.stem for path in Path("tinytorch", "core").glob("*.py") if path.stem not in ("__init__", changed)
    )


def _run(tests: str, folder: str, order: LikelyFirst) -> None:
    code = 1
    try:
        import pytest

        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        signal.alarm(SECONDS)  # whose default is to end the process
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        without = [f"-pno:{plugin}" for plugin in NOT_NEEDED]
        own = f"--basetemp={folder}.tmp"  # else it tidies up after the tests that have called it, for minutes
        code = pytest.main(["-x", "-q", "--rootdir", folder, own, *NOBODY_READS, *without, tests], [order])
    finally:
        os._exit(int(code))


def _wait(child: int) -> int:
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    return code


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], sys.argv[3:])
