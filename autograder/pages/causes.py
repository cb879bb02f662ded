"""Where to start: the questions that are wrong by themselves, apart from those that only use a wrong answer."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from tito.uses import first_causes


@dataclass(frozen=True)
class Cause:
    """A question that is wrong by itself.

    given: later questions that use its answer, and are right with the course's
    waiting: later questions that use its answer, and failed; nobody knows yet whether they are right
    """

    name: str
    given: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def causes_of(verdicts: Sequence[dict], uses: dict[str, set[str]], blank: Collection[str] = ()) -> list[Cause]:
    """The causes of all lost points, in order.

    verdicts: of all graded cells, in order, as dicts
    uses: as tito.uses.answers_used finds it
    blank: graded cells whose answer was not begun
    """
    failed = [one["grade_id"] for one in verdicts if one["earned"] < one["points"]]
    by_themselves = {*blank, *(one["grade_id"] for one in verdicts if one.get("given"))}
    first = first_causes(failed, uses, by_themselves)
    causes = {name: Cause(name) for name in failed if first[name] == name}
    for name in failed:
        if first[name] != name:
            causes[first[name]].waiting.append(name)
    for one in verdicts:
        if one["grade_id"] not in failed:
            given = [first[name] for name in one.get("given", []) if name in first]
            if given:
                causes[given[0]].given.append(one["grade_id"])
    return list(causes.values())
