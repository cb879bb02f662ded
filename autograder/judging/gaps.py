"""Half an answer earns half: which of a question's gaps each check asks about, and what a gap costs.

A gap is one place in a stub that the student fills. Where a question has several, each is left blank in turn, in the
source's own notebook: the checks that then fail ask about that gap. In one more run no gap does anything: what holds in
that run does not tell that a gap is filled. Both are noted in the source's own reports, and nobody keeps them by hand.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from autograder.engine.execute import Job, Run
from autograder.judging.following import course_answers
from autograder.judging.judge import GAPS, SECRET, judge_cell
from autograder.judging.source import GAP, Source, as_stub
from tito import checks

IDLE = "idle"  # in a message of the source's own: whether the check holds where no gap does anything


def counts(source: Source) -> dict[str, int]:
    """check → how many gaps its answer has, for the checks whose answer has several."""
    found = {name: len(re.findall(GAP, text)) for name, text in course_answers(source).items()}
    return {name: number for name, number in found.items() if number > 1}


def blanked(text: str, gap: int) -> str:
    """An answer of the course with one of its gaps as it was released."""
    places = enumerate(re.finditer(GAP, text))
    return next(text[: place.start()] + as_stub(place) + text[place.end() :] for at, place in places if at == gap)


def idle(text: str) -> str:
    """An answer of the course all of whose gaps do nothing: what a release is whose exceptions somebody took out."""
    return re.sub(GAP, lambda gap: f"{gap[1]}pass", text)


def jobs_with_a_gap(source: Source, own: Job) -> Iterator[Job]:
    """For each number of a gap the source's own job, with that gap of each answer blank while its check runs."""
    answers, gaps = course_answers(source), counts(source)
    for gap in range(max(gaps.values(), default=0)):
        yield _with_other(own, answers, {n: blanked(answers[n], gap) for n in gaps if gap < gaps[n]})


def job_idle(source: Source, own: Job) -> Job:
    """The source's own job, in which each answer with several gaps does nothing while its check runs."""
    answers = course_answers(source)
    return _with_other(own, answers, {name: idle(answers[name]) for name in counts(source)})


def _with_other(own: Job, answers: Mapping[str, str], others: Mapping[str, str]) -> Job:
    """A job in which others stand in the place of the course's answers while their checks run."""
    cells: list[tuple[str | None, bool, str]] = []
    for name, check, text in own.cells:
        if name and name in others:
            cells += [(None, False, others[name]), (name, check, text), (None, False, answers[name])]
        elif not check:
            cells.append((name, check, text))
    return replace(own, cells=tuple(cells))


def note_gaps(source: Source, own: Run, with_a_gap: Iterable[Run], doing_nothing: Run) -> None:
    """Note in the source's own reports which gaps each check asks about, and which checks hold where nothing is done.

    with_a_gap: of the jobs of `jobs_with_a_gap`; doing_nothing: of `job_idle`
    """
    gaps = counts(source)
    for gap, run in enumerate(with_a_gap):
        for name in (name for name in gaps if gap < gaps[name]):
            failed = _failed(source, name, own, run)
            for message in own.emissions.get(name, []):
                if message["name"] in failed:
                    message.setdefault(GAPS, []).append(gap)
    for name in gaps:
        failed = _failed(source, name, own, doing_nothing)
        for message in own.emissions.get(name, []):
            message[IDLE] = message["name"] not in failed


def _failed(source: Source, name: str, own: Run, run: Run) -> set[str]:
    """The checks of a graded cell that fail in a run."""
    verdict = judge_cell(source, name, own.emissions.get(name, []), run.emissions.get(name, []))
    return {line.name for line in verdict.lines if not line.passed}


def copy_gaps(noted: Run, own: Run) -> None:
    """Note in the source's own reports under a secret seed what was noted in those under another."""
    for name, messages in own.emissions.items():
        others = {message["name"]: message for message in noted.emissions.get(name, []) if GAPS in message}
        for message in (message for message in messages if message["name"] in others):
            other = others[message["name"]]
            message[GAPS] = other[GAPS]
            told = message["kind"] == "reference" and bool(_difference(message, other))
            message[SECRET] = told and not other[IDLE]


def _difference(one: dict, other: dict) -> str | None:
    return checks.difference(one["value"], other["value"], one["rtol"], one["atol"])
