"""What a student reads after a mistake: `python benchmarks/mistakes.py [--before COMMIT] [--each 5]` prints a table.

Each mistake is a wrong version of tests/course/versions, or a module's first stub without its return, or as released.
The module's visible cells run until the first check fails.
With --before, the same mistakes are shown to the checks of an earlier commit, too.
"""

import argparse
import importlib.util
import json
import linecache
import os
import re
import subprocess
import sys
import tempfile
import traceback
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SKIPPED = {"explore"}  # the tag of demos, which no message depends on


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", metavar="COMMIT")
    parser.add_argument("--each", type=int, default=5, help="mistakes a module")
    options = parser.parse_args()
    jobs = [job for module in modules() for job in mistakes(module, 2 * options.each)]
    found = messages(jobs, ROOT / "tito/checks.py")
    seen = {name: [job for job in jobs if job["module"] == name and found[job["name"]]] for name in modules()}
    jobs = [job for some in seen.values() for job in [*some[:-2][: options.each], *some[-2:]]]
    tables = [found]
    if options.before:
        with tempfile.TemporaryDirectory() as folder:
            old = Path(folder, "checks.py")
            show = ["git", "show", f"{options.before}:tito/checks.py"]
            old.write_bytes(subprocess.run(show, cwd=ROOT, capture_output=True, check=True).stdout)
            tables.insert(0, messages(jobs, old))
    for number, job in enumerate(jobs, 1):
        print(f"{number}. {job['module']}: {job['why']}")
        for title, table in zip(("before", "now") if options.before else ("now",), tables, strict=True):
            print(f"  {title}:", *(f"    {line}" for line in table[job["name"]].splitlines()), sep="\n")
        print()
    return 0


def modules() -> list[str]:
    from tito.workspace import Workspace

    return Workspace.find(ROOT).released()


def mistakes(module: str, number: int) -> list[dict]:
    """Wrong versions of a module, spread over its stubs, each with the cells that a student has then."""
    sys.path.insert(0, str(ROOT / "tests/course"))
    from autograder.demo.versions import Version, read_versions, with_cells
    from autograder.judging.source import Source
    from tito.notebooks import cell_name, tags
    from tito.workspace import Workspace

    source = Source.of(Workspace.find(ROOT), module)
    versions = read_versions(ROOT / "tests/course/versions", module, "wrong")
    chosen = versions[:: max(1, len(versions) // number)][:number]
    stub = next(cell for cell in source.notebook.cells if re.search(r"BEGIN SOLUTION[^#]*    return ", cell.source))
    released = SOLUTION.sub("    raise NotImplementedError()", stub.source)
    forgotten = SOLUTION.sub(lambda text: text[0].replace("    return ", "    "), stub.source)
    for why, text in (("forgets its return", forgotten), ("nothing is written yet", released)):
        name = cell_name(stub)
        chosen.append(Version(module, "wrong", why, f"{name}: {why}", frozenset(), {name: text}))
    jobs = []
    for version in chosen:
        cells = with_cells(source.notebook, source, version.cells).cells
        texts = [
            (cell_name(cell), _visible(cell.source))
            for cell in cells
            if cell.cell_type == "code" and not SKIPPED & set(tags(cell))
        ]
        name = f"{module}/{version.name}"
        jobs.append({"module": module, "name": name, "why": version.why or version.name, "cells": texts})
    return jobs


SOLUTION = re.compile(r"    ### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)


def _visible(text: str) -> str:
    """A cell's text without what students don't receive."""
    lines, hidden = [], False
    for line in text.splitlines():
        hidden = hidden or "### BEGIN HIDDEN TESTS" in line
        if not hidden:
            lines.append(line)
        hidden = hidden and "### END HIDDEN TESTS" not in line
    return "\n".join(lines)


def messages(jobs: list[dict], checks: Path) -> dict[str, str]:
    """What each mistake says, name → message, with the checks in a file. Each module has a process of its own."""
    found = {}
    for module in dict.fromkeys(job["module"] for job in jobs):
        texts = json.dumps([job for job in jobs if job["module"] == module])
        command = [sys.executable, __file__, "--run", str(checks)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg", "PYTHONUTF8": "1"}
        done = subprocess.run(
            command,
            input=texts.encode(),
            capture_output=True,
            cwd=ROOT / "source" / module,
            env=environment,
            timeout=900,
        )
        if done.returncode:
            raise SystemExit(f"{module}: {done.stderr.decode()}")
        found |= json.loads(done.stdout.decode().splitlines()[-1])
    return found


def run(checks: str) -> int:
    """Run the jobs on standard input, and write their messages to standard output."""
    import tito

    spec = importlib.util.spec_from_file_location("tito.checks", checks)
    assert spec
    assert spec.loader
    tito.checks = sys.modules["tito.checks"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tito.checks)
    said = {}
    for job in json.load(sys.stdin):
        with redirect_stdout(StringIO()):
            said[job["name"]] = re.sub(rf"{tempfile.gettempdir()}/\w+", "…", first_failure(job["cells"]))
    print(json.dumps(said))
    return 0


def first_failure(cells: list) -> str:
    """The message of the first cell that fails; "" where only a hidden check sees the mistake."""
    sys.modules["notebook"] = type(sys)("notebook")
    names = vars(sys.modules["notebook"])
    for name, text in cells:
        file, code = f"<{name}>", "\n".join("" if line.startswith(("%", "!")) else line for line in text.splitlines())
        linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
        try:
            exec(compile(code, file, "exec"), names)
        except Exception as error:
            if type(error).__name__ == "CheckFailed":
                return f"[{name}] {error}"
            hide = getattr(sys.modules["tito.checks"], "_without_ours", lambda traceback: traceback)
            frames = traceback.extract_tb(hide(error.__traceback__))[1:]
            shown = [f"  {Path(frame.filename).name}, line {frame.lineno}, in {frame.name}" for frame in frames]
            notes = [f"  {note}" for note in getattr(error, "__notes__", [])]
            return "\n".join([f"[{name}] {type(error).__name__}: {error}", *shown, *notes])
    return ""


if __name__ == "__main__":
    sys.exit(run(sys.argv[2]) if sys.argv[1:2] == ["--run"] else main())
