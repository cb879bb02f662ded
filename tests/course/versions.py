"""Grading versions of the modules; `python tests/course/versions.py [MODULE]...` prints a row for every version."""

import copy
import dataclasses
import functools
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

from autograder.demo.versions import Version, read_versions, with_cells
from autograder.engine import sandbox
from autograder.engine.execute import execute
from autograder.judging.cells import mend
from autograder.judging.expected import expected
from autograder.judging.jobs import job_of
from autograder.judging.judge import Verdict, judge
from autograder.judging.source import Source
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


def judged(notebook, source: Source, seed=SEEDS[0], since=None, until=None, patience=1.0) -> dict[str, Verdict]:
    """Grade a notebook as a submission: grade_id → verdict.

    since: a cell before which everything is as in the source, so that nobody has to ask the checks there again
    until: a check after which nobody wants to know any more; both leave the source's own answers in their place
    patience: how much of the time that the module gives a cell; what waits for nothing need not wait for long
    """
    restored, whole = mend(notebook, source)[0], expected(source, seed).emissions
    names, checks = list(source.named_cells), list(source.check_cells)
    before = checks[: sum(names.index(check) < names.index(since) for check in checks)] if since else []
    after = checks[checks.index(until) + 1 :] if until else []
    job = job_of(restored, source, seed, source.files)
    cells = [cell for cell in job.cells if cell[0] not in before]
    if until:
        cells = cells[: 1 + next(index for index, cell in enumerate(cells) if cell[0] == until)]
    limits = dataclasses.replace(job.limits, cell_seconds=job.limits.cell_seconds * patience)
    shut_in = not sandbox.why_open()  # where it can be: it is the course's own
    run = execute(dataclasses.replace(job, cells=tuple(cells), limits=limits, isolated=shut_in))
    reported = run.emissions | {name: whole[name] for name in [*before, *after]}
    return {verdict.grade_id: verdict for verdict in judge(source, whole, reported, run.problems)}


def must_lose(version: Version, whole: bool = True) -> list[str]:
    """The checks that a version must lose, in order. If not `whole`, two thirds of the wrong ones only the first."""
    checks = [name for name in source_of(version.module).check_cells if name in version.loses]
    whole = whole or version.kind != "wrong" or zlib.crc32(version.name.encode()) % 3 == 0
    return checks if whole else checks[:1]


def judged_version(version: Version, whole: bool = True) -> dict[str, Verdict]:
    """Verdicts on a version; a wrong one is run, if not `whole`, as far as the last check of `must_lose`."""
    source = source_of(version.module)
    changed = {cell.partition(".")[0] for cell in version.cells}
    first = next(name for name in source.named_cells if name in changed)
    last = must_lose(version, whole)[-1:]
    until = last[0] if last and version.kind == "wrong" and not whole else None
    patience = 1.0 if whole or version.kind == "right" else 0.3
    notebook = with_cells(source.notebook, source, version.cells)
    return judged(notebook, source, since=first, until=until, patience=patience)


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
