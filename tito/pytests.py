"""Running a package's tests with pytest, in a process of its own."""

import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Outcome:
    """What pytest said: how many tests passed, and the failed ones as (name, message)."""

    what: str
    passed: int = 0
    skipped: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return self.passed > 0 and not self.failures

    def json(self) -> dict:
        return {**asdict(self), "ok": self.ok}


def run_tests(path: Path, root: Path, seconds: float) -> Outcome:
    """Run the tests at `path` against the package that is found from `root`; no test at all is a failure."""
    tests = Outcome(path.relative_to(root).as_posix())
    if not path.exists():
        tests.failures.append((tests.what, "is missing"))
        return tests
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "-p", "no:cacheprovider", "--tb=short", f"--junit-xml={report}"]
        command = [sys.executable, "-m", "pytest", str(path), *options]
        places = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH")]))
        quick = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg"}
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
        _read(report, done, tests)
    return tests


def _read(report, done, tests):
    cases = list(ElementTree.parse(report).iter("testcase")) if report.exists() else []
    for case in cases:
        problem = case.find("failure") if case.find("failure") is not None else case.find("error")
        if problem is not None:
            tests.failures.append((case.get("name") or tests.what, _message(problem)))
        elif case.find("skipped") is not None:
            tests.skipped += 1
        else:
            tests.passed += 1
    if tests.failures or (done.returncode == 0 and tests.passed):
        return
    if done.returncode in (0, 5):
        tests.failures.append((tests.what, "no test was run"))
    else:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        tests.failures.append((tests.what, f"pytest stopped: {last[0]}"))


def _message(problem):
    """The line of pytest's report that says what was wrong."""
    lines = [line[2:].strip() for line in (problem.text or "").splitlines() if line.startswith("E ")]
    if not lines:
        return (problem.get("message") or "")[:300]
    return lines[-1 if problem.tag == "error" else 0][:300]
