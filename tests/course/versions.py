"""Grading versions of the modules; `python tests/course/versions.py [MODULE]...` prints a row for every version."""

import copy
import functools
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

from autograder.grade import expected, run_once
from autograder.judge import Verdict, verdicts
from autograder.sanitize import restore
from autograder.source import Source
from autograder.versions import Version, read_versions, with_cells
from tito.workspace import Workspace

WORKSPACE = Workspace.find(Path(__file__))
FOLDER = Path(__file__).resolve().parent / "versions"
SEEDS = (20261123, 7, 4242424242)


@functools.cache
def source_of(module: str) -> Source:
    return Source.of(WORKSPACE, module)


def all_versions(module: str = "*", kind: str = "*") -> list[Version]:
    return read_versions(FOLDER, module, kind)


def released(source: Source):
    """What nbgrader makes of a source notebook for students."""
    notebook, resources = copy.deepcopy(source.notebook), {}
    for step in (ClearSolutions(), ClearHiddenTests(), ClearMarkScheme(enforce_metadata=False)):
        notebook, resources = step.preprocess(notebook, resources)
    return notebook


def judged(notebook, source: Source, seed: int = SEEDS[0]) -> dict[str, Verdict]:
    """Grade a notebook as a submission: grade_id → verdict."""
    run = run_once(restore(notebook, source)[0], source, seed, source.files)
    found = verdicts(source, expected(source, seed).emissions, run.emissions, run.problems)
    return {verdict.grade_id: verdict for verdict in found}


def judged_version(version: Version) -> dict[str, Verdict]:
    source = source_of(version.module)
    return judged(with_cells(source.notebook, source, version.cells), source)


def losers(found: dict[str, Verdict]) -> set[str]:
    return {name for name, verdict in found.items() if not verdict.passed}


def reasons(found: dict[str, Verdict]) -> str:
    """Why cells lost, for a failing test's message."""
    lines = [(name, line) for name, verdict in found.items() for line in verdict.lines if not line.passed]
    return "\n".join(f"  {name} | {line.name}: {line.reason}" for name, line in lines)


def main(modules: list[str]) -> int:
    """Print for every version what it lost, and what it should have lost where that differs."""
    versions = [version for version in all_versions() if not modules or version.module in modules]
    bad = 0
    with ThreadPoolExecutor(2) as pool:
        for version, found in zip(versions, pool.map(judged_version, versions), strict=True):
            lost = losers(found)
            mark = "ok " if lost == version.loses else "BAD"
            bad += mark == "BAD"
            print(f"{mark} {version.module:8} {version.kind:5} {version.name:44} loses {' '.join(sorted(lost)) or '-'}")
            if mark == "BAD":
                print(f"      should lose {' '.join(sorted(version.loses)) or '-'}   ({version.why})")
                print(reasons(found))
    print(f"{len(versions)} versions, {bad} not as they should be")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
