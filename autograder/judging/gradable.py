"""Whether a module can be graded fairly: a right notebook earns every point, the released one none.

A wrong line in source/ would otherwise cost the whole class points, or give them away, and nobody would be told.
"""

import copy
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from autograder.engine.execute import Run
from autograder.judging.expected import expected, run_own
from autograder.judging.jobs import job_of, key_of
from autograder.judging.judge import STRONG, Verdict, judge_cell, predicates_of
from autograder.judging.slips import slips
from autograder.judging.source import JUDGE, Source, without
from tito import checks, files
from tito.notebooks import check_names
from tito.workspace import UserError


def refuse_ungradable(source: Source, seed: int) -> None:
    """Raise UserError if a right submission would lose points, or an empty one earn some; it names cells and checks.

    A module that passed is not run again until something changes.
    """
    _refuse(source, slips(source))
    job = job_of(source.notebook, source, seed, source.files)
    passed = source.workspace.root / ".cache" / "gradable" / f"{source.module}-{key_of(job, source.version)}"
    if passed.is_file():
        return
    own = expected(source, seed)
    _refuse(source, [fault for name in source.check_cells for fault in _faults(source, name, own)])
    with ThreadPoolExecutor(2) as pool:
        again = pool.submit(run_own, job)
        untouched = pool.submit(run_own, job_of(unsolved(source), source, seed, source.files))
        _refuse(source, [*_unsteady(source, own, again.result()), *_given_away(source, own, untouched.result())])
    files.write(passed, "")


def _refuse(source: Source, faults: list[str]) -> None:
    if faults:
        path = source.workspace.relative(source.path)
        raise UserError(f"{source.module} can't be graded fairly until {path} is mended: {'; '.join(faults)}.")


def unsolved(source: Source):
    """The notebook with its checks and judges, but without solutions, model answers and rubrics."""
    from nbconvert.exporters.exporter import ResourcesDict  # who only grades, as otter does, has no nbgrader
    from nbgrader.preprocessors import ClearMarkScheme, ClearSolutions

    notebook, resources = copy.deepcopy(source.notebook), ResourcesDict()
    for step in (ClearSolutions(), ClearMarkScheme(enforce_metadata=False)):
        notebook, resources = step.preprocess(notebook, resources)
    return notebook


# --- what the source's own run shows ------------------------------------------------------------------


def _faults(source: Source, name: str, own: Run) -> list[str]:
    """What is wrong with one graded cell."""
    messages = own.emissions.get(name, [])
    try:
        verdict = _in_words(source, name, own, own)
        judged = predicates_of(source, name, {message["name"]: message for message in messages})
    except Exception as error:
        return [f"{name}: its JUDGE block stops with {type(error).__name__}: {error}"]
    found = [
        *_silent(source, name, messages),
        *_wrong_literals(name, messages),
        *_failing(verdict, judged),
        *_judged_for_nothing(name, messages, judged),
    ]
    return found or _weak(verdict)


def _silent(source: Source, name: str, messages: list[dict]) -> Iterator[str]:
    """Checks in the text that report nothing."""
    reported = {message["name"] for message in messages}
    for check in check_names(without(source.check_cells[name].source, JUDGE)):
        if check not in reported:
            yield f"{name}: the check {check!r} is never reached"


def _wrong_literals(name: str, messages: list[dict]) -> Iterator[str]:
    """Checks that expect another value than the solution gives. The judge does not notice them."""
    for message in (message for message in messages if "want" in message):
        want, got = message["want"], message["value"]
        if checks.difference(want, got, message["rtol"], message["atol"]):
            yield (
                f"{name}: the check {message['name']!r} expects {checks.show(want)}, "
                f"but the solution gives {checks.show(got)}"
            )


def _failing(verdict: Verdict, judged: dict[str, Callable]) -> Iterator[str]:
    """Checks that the source itself does not pass."""
    for line in verdict.lines:
        if line.kind == "claim" and line.name not in judged:
            yield f"{verdict.grade_id}: the claim {line.name!r} has no judge"
        elif not line.passed:
            yield f"{verdict.grade_id}: the {line.kind} {line.name!r} fails for the solution itself: {line.reason}"


def _judged_for_nothing(name: str, messages: list[dict], judged: dict[str, Callable]) -> Iterator[str]:
    claims = {message["name"] for message in messages if message["kind"] == "claim"}
    for check in judged:
        if check not in claims:
            yield f"{name}: its JUDGE block judges {check!r}, and no claim has that name"


def _weak(verdict: Verdict) -> list[str]:
    if verdict.passed or any(line.kind in STRONG for line in verdict.lines):
        return []
    missing = "it has no reference and no claim with a judge"
    return [f"{verdict.grade_id}: nobody can earn its {verdict.points:g} points, because {missing}"]


# --- what two more runs show --------------------------------------------------------------------------


def _unsteady(source: Source, own: Run, again: Run) -> Iterator[str]:
    """Checks whose value changes from run to run: no right submission can meet them."""
    for name in source.check_cells:
        verdict = _in_words(source, name, own, again)
        for line in verdict.lines:
            if not line.passed:
                yield f"{verdict.grade_id}: the {line.kind} {line.name!r} changes from run to run: {line.reason}"


def _given_away(source: Source, own: Run, untouched: Run) -> Iterator[str]:
    for name in source.check_cells:
        verdict = _judged(source, name, own, untouched)
        if verdict.earned:
            names = ", ".join(repr(line.name) for line in verdict.lines if line.kind in STRONG and line.passed)
            points = f"{verdict.earned:g} of {verdict.points:g} points"
            yield f"{verdict.grade_id}: the released notebook earns {points} as it is, by {names}"


def _judged(source: Source, name: str, own: Run, other: Run, whole: bool = False) -> Verdict:
    """The verdict on one graded cell in a run of the course's. whole: as in `judge_cell`"""
    messages, emitted = own.emissions.get(name, []), other.emissions.get(name, [])
    return judge_cell(source, name, messages, emitted, other.problems.get(name), whole=whole)


def _in_words(source: Source, name: str, own: Run, other: Run) -> Verdict:
    """The same, with every reason in full. Most checks hold, and to show their values takes longer than to judge."""
    verdict = _judged(source, name, own, other)
    return verdict if all(line.passed for line in verdict.lines) else _judged(source, name, own, other, whole=True)
