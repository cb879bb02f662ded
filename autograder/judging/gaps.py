"""Half an answer earns half: which of a question's gaps each check asks about, and what a gap costs.

A gap is one place in a stub that the student fills. Where a question has several, each is left blank in turn, in the
source's own notebook: the checks that then fail ask about that gap. They are noted in the source's own reports, as
`gaps` of a message, and nobody keeps them by hand.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from autograder.engine.execute import Job, Run
from autograder.judging.following import course_answers
from autograder.judging.judge import GAPS, SECRET, judge_cell
from autograder.judging.source import GAP, Source, as_stub
from tito import checks


def counts(source: Source) -> dict[str, int]:
    """check → how many gaps its answer has, for the checks whose answer has several."""
    found = {name: len(re.findall(GAP, text)) for name, text in course_answers(source).items()}
    return {name: number for name, number in found.items() if number > 1}


def blanked(text: str, gap: int) -> str:
    """An answer of the course with one of its gaps as it was released."""
    places = enumerate(re.finditer(GAP, text))
    return next(text[: place.start()] + as_stub(place) + text[place.end() :] for at, place in places if at == gap)


def jobs_with_a_gap(source: Source, own: Job) -> Iterator[Job]:
    """For each number of a gap the source's own job, with that gap of each answer blank while its check runs."""
    answers, gaps = course_answers(source), counts(source)
    for gap in range(max(gaps.values(), default=0)):
        yield replace(own, cells=tuple(_cells(own, {n: answers[n] for n in gaps if gap < gaps[n]}, gap)))


def _cells(own: Job, answers: Mapping[str, str], gap: int) -> Iterator[tuple[str | None, bool, str]]:
    for name, check, text in own.cells:
        if name and name in answers:
            yield None, False, blanked(answers[name], gap)
            yield name, check, text
            yield None, False, answers[name]
        elif not check:
            yield name, check, text


def note_gaps(source: Source, own: Run, with_a_gap: Iterable[Run]) -> None:
    """Note in the source's own reports which gaps each check asks about.

    with_a_gap: of the jobs of `jobs_with_a_gap`
    """
    gaps = counts(source)
    for gap, run in enumerate(with_a_gap):
        for name in (name for name in gaps if gap < gaps[name]):
            messages = own.emissions.get(name, [])
            verdict = judge_cell(source, name, messages, run.emissions.get(name, []), whole=True)
            failed = {line.name for line in verdict.lines if not line.passed}
            for message in messages:
                if message["name"] in failed:
                    message.setdefault(GAPS, []).append(gap)


def copy_gaps(noted: Run, own: Run) -> None:
    """Note in the source's own reports under a secret seed what was noted in those under another."""
    for name, messages in own.emissions.items():
        others = {message["name"]: message for message in noted.emissions.get(name, []) if GAPS in message}
        for message in (message for message in messages if message["name"] in others):
            other = others[message["name"]]
            message[GAPS] = other[GAPS]
            message[SECRET] = message["kind"] == "reference" and bool(_difference(message, other))


def _difference(one: dict, other: dict) -> str | None:
    return checks.difference(one["value"], other["value"], one["rtol"], one["atol"])
