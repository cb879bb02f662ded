"""Running a package's tests with pytest, in a process of its own."""

import ast
import re
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from tito import programs


@dataclass
class PytestResult:
    """What pytest said: how many tests passed, and which failed, as (name, message).

    waiting: how many tests stopped at each function that isn't written yet
    notes: what tests told of what they measured, by pytest's record_property("note", …)
    """

    what: str
    passed: int = 0
    skipped: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether at least one test passed, and no test failed or waits."""
        return self.passed > 0 and not self.failures and not self.waiting

    def json(self) -> dict:
        """The result for programs."""
        return {**asdict(self), "ok": self.ok}


def run_tests(path: Path, root: Path, seconds: float, files: list[Path] | None = None) -> PytestResult:
    """Run the tests at `path` against the package in `root`. No test at all is a failure.

    files: the test files to run, where `path` is a folder and not all of it counts
    """
    tests = PytestResult(path.relative_to(root).as_posix())
    if not path.exists():
        tests.failures.append((tests.what, "is missing"))
        return tests
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", "--tb=short", f"--junit-xml={report}"]
        options += [
            "-p",
            "_hypothesis_pytestplugin",
            "--hypothesis-profile=ci",
        ]  # a slow computer fails no test, and each run tries the same inputs
        command = ["-m", "pytest", *map(str, files or [path]), *options]
        try:
            done = programs.python(root, *command, seconds=seconds, environment=_environment(root))
        except programs.TimeoutExpired:
            tests.failures.append((tests.what, f"took longer than {seconds:g} s"))
            return tests
        _read(report, done, root, tests)
    return tests


def _environment(root: Path) -> dict[str, str]:
    return {
        "PYTHONPATH": programs.python_path(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MPLBACKEND": "agg",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_ADDOPTS": "",  # they may well be for plugins
    }


def _read(report, done, root, tests):
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    for case in cases:
        tests.notes += [str(note.get("value")) for note in case.iter("property") if note.get("name") == "note"]
        problem = case.find("failure") if case.find("failure") is not None else case.find("error")
        if problem is not None and (stub := _stub(problem, root)):
            tests.waiting[stub] = tests.waiting.get(stub, 0) + 1
        elif problem is not None:
            tests.failures.append((case.get("name") or tests.what, _message(problem)))
        elif case.find("skipped") is not None:
            tests.skipped += 1
        else:
            tests.passed += 1
    if tests.failures or tests.waiting or (done.code == 0 and tests.passed):
        return
    if done.code in (0, 5):
        tests.failures.append((tests.what, "no test was run"))
    else:
        last = (f"{done.out}\n{done.err}").strip().splitlines()[-1:] or [f"exit code {done.code}"]
        tests.failures.append((tests.what, f"pytest stopped: {last[0]}"))


def _stub(problem, root):
    """The name of the function that isn't written yet; "" where something else was wrong."""
    places = re.findall(r"^(\S.*):(\d+): in ", problem.text or "", re.MULTILINE)
    if not places or _message(problem) != "NotImplementedError":
        return ""
    path, line = places[-1]
    return _definition(root / path, int(line))


def _definition(path, line):
    """The name of the function at a line of a file, after the name of its class."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, kinds))
    return ".".join(node.name for node in nodes if node.lineno <= line <= node.end_lineno)


def _message(problem):
    """The line of pytest's report that says what was wrong."""
    lines = [line[2:].strip() for line in (problem.text or "").splitlines() if line.startswith("E ")]
    if not lines:
        return (problem.get("message") or "")[:300]
    if len(lines) > 1 and lines[0].endswith("pattern did not match."):  # the next lines say which words, and where
        return " ".join(lines)[:300]
    return lines[-1 if problem.tag == "error" else 0][:300]
