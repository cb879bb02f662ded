"""Running a package's tests with pytest, in a process of its own."""

import ast
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Outcome:
    """What pytest said: how many tests passed, and the failed ones as (name, message).

    waiting: how many tests stopped at each function that isn't written yet
    """

    what: str
    passed: int = 0
    skipped: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.passed > 0 and not self.failures and not self.waiting

    def json(self) -> dict:
        return {**asdict(self), "ok": self.ok}


def run_tests(path: Path, root: Path, seconds: float, files: list[Path] | None = None) -> Outcome:
    """Run the tests at `path` against the package that is found from `root`; no test at all is a failure.

    files: run only these, where `path` is a folder
    """
    tests = Outcome(path.relative_to(root).as_posix())
    if not path.exists():
        tests.failures.append((tests.what, "is missing"))
        return tests
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", "--tb=short", f"--junit-xml={report}"]
        command = [sys.executable, "-m", "pytest", *map(str, files or [path]), *options]
        places = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
        quick = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}
        quick["PYTEST_ADDOPTS"] = ""  # they may well be for plugins
        try:
            done = subprocess.run(
                command,
                cwd=root,
                env={**os.environ, "PYTHONPATH": places, **quick},
                capture_output=True,
                text=True,
                errors="replace",
                timeout=seconds,
            )
        except subprocess.TimeoutExpired:
            tests.failures.append((tests.what, f"took longer than {seconds:g} s"))
            return tests
        _read(report, done, root, tests)
    return tests


def _read(report, done, root, tests):
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    for case in cases:
        problem = case.find("failure") if case.find("failure") is not None else case.find("error")
        if problem is not None and (stub := _stub(problem, root)):
            tests.waiting[stub] = tests.waiting.get(stub, 0) + 1
        elif problem is not None:
            tests.failures.append((case.get("name") or tests.what, _message(problem)))
        elif case.find("skipped") is not None:
            tests.skipped += 1
        else:
            tests.passed += 1
    if tests.failures or tests.waiting or (done.returncode == 0 and tests.passed):
        return
    if done.returncode in (0, 5):
        tests.failures.append((tests.what, "no test was run"))
    else:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        tests.failures.append((tests.what, f"pytest stopped: {last[0]}"))


def _stub(problem, root):
    """The function that isn't written yet, "" where something else was wrong."""
    places = re.findall(r"^(\S.*):(\d+): in ", problem.text or "", re.MULTILINE)
    if not places or _message(problem) != "NotImplementedError":
        return ""
    path, line = places[-1]
    return _definition(root / path, int(line))


def _definition(path, line):
    """The function at a line of a file, with its class in front."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    nodes = (node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, kinds))
    return ".".join(node.name for node in nodes if node.lineno <= line <= node.end_lineno)


def _message(problem):
    """The line of pytest's report that says what was wrong."""
    lines = [line[2:].strip() for line in (problem.text or "").splitlines() if line.startswith("E ")]
    if not lines:
        return (problem.get("message") or "")[:300]
    return lines[-1 if problem.tag == "error" else 0][:300]
