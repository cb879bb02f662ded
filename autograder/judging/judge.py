"""The judge decides what the checks of a cell are worth, outside of any student's process.

It compares, check by check, the values that a submission reported with those that the source
notebook reported for the same seed. It has a fixed vocabulary for hidden checks: it never repeats
hidden text, a message, or a traceback.
"""

import functools
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from autograder.engine import sandbox
from autograder.judging.source import Source, question_label
from tito import checks

STRONG = ("reference", "claim")
GAPS = "gaps"  # in a message of the source's own: the numbers of the gaps that the check asks about
SECRET = "secret"  # in a message of the source's own about gaps: whether only who fills one can know the value
KINDS = ("close", "equal", "raises", *STRONG)

# All that can be said of a hidden check that failed: whoever wrote the submission chooses one of these, and no more.
FIXED = NOT_REACHED, TWICE, OTHER_KIND, NOT_HELD, UNREPORTABLE = (
    "was not reached",
    "was reported more than once, with different values",
    "is of another kind",
    "does not hold",
    checks.UNREPORTABLE,
)
CLASSES = (
    *FIXED,
    "another outcome",
    "raised an exception",
    "an exception was to be raised",
    "another shape",
    "another kind of value",
    "another value",
    "all values differ",
    "some values differ",
    "another dtype",
)
NOT_THERE = "failed when it was graded"
STOPPED = "stopped with "

HOMES = "|".join(map(re.escape, {f"{tempfile.gettempdir()}/tinytorch-home-", f"{sandbox.PLACE}/tinytorch-"}))


def _places(folders: set[str]) -> re.Pattern:
    """What names a place on this machine: one of the folders, of which one may lie in another, or a sandbox's home."""
    longest_first = sorted(folders, key=len, reverse=True)
    return re.compile("|".join([rf"(?:{HOMES})\w+(?:/tinytorch-\w+)?", *map(re.escape, longest_first)]))


PLACES = _places({sys.prefix, str(Path.home())})  # Python's own messages may name them. No page should


@dataclass(frozen=True)
class Line:
    """One check's verdict. `want` and `got` are set where it failed and the student may see both."""

    name: str
    kind: str
    reason: str | None = None
    visible: bool = False
    want: str | None = None
    got: str | None = None

    @property
    def passed(self) -> bool:
        """Whether the check passed."""
        return self.reason is None


@dataclass(frozen=True)
class Verdict:
    """What a graded cell earned, and why.

    given: the graded cells whose answers the course gave when this one was judged once more: it uses them, and they
        were wrong. None where it passed at once
    """

    grade_id: str
    points: float
    earned: float
    lines: list[Line] = field(default_factory=list)
    problem: str | None = None
    given: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether the cell earned all its points."""
        return self.earned == self.points


@dataclass(frozen=True)
class Words:
    """Where the words about a graded cell come from: a run that knew neither hidden text nor the secret seed.

    wanted, reported: messages, of the source and of the submission
    problem: why the cell did not end well there
    """

    wanted: Sequence = ()
    reported: Sequence = ()
    problem: str | None = None


def how_earned(given: Sequence[str], earned: float, points: float) -> str:
    """A sentence about a verdict that is neither all nor nothing, or that the course helped; "" for any other.

    given: the graded cells to which the course gave the answers
    """
    if not given:
        return "Earned in part: what holds has its share of the points." if 0 < earned < points else ""
    answers = f"the course's answer{'s' * (len(given) > 1)} to {listed(map(question_label, given))}"
    if not earned:
        return f"It fails with {answers}, too."
    return f"Earned{' in part' * (earned < points)} with {answers}."


def listed(names: Iterable[str]) -> str:
    """Names as a sentence has them: a, b and c."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def by_name(messages: Sequence) -> dict[str, list[dict]]:
    """The well-formed messages of a cell, grouped by check: name → messages."""
    found: dict[str, list[dict]] = {}
    for message in messages:
        if isinstance(message, dict) and message.get("kind") in KINDS and isinstance(message.get("name"), str):
            found.setdefault(message["name"], []).append(message)
    return found


def judge(
    source: Source,
    expected: dict[str, list],
    emitted: dict[str, list],
    problems: dict,
    words: dict[str, Words] | None = None,
) -> list[Verdict]:
    """A verdict for every graded cell of `source`.

    expected, emitted: grade_id → messages; of the source's own run, and of the submission's run
    problems: grade_id → why the submission's cell did not end well
    words: grade_id → what a page may quote
    """
    return [
        judge_cell(
            source, name, expected.get(name, []), emitted.get(name, []), problems.get(name), (words or {}).get(name)
        )
        for name in source.check_cells
    ]


def judge_cell(
    source: Source,
    name: str,
    expected: list,
    emitted: list,
    problem: str | None = None,
    words: Words | None = None,
    whole: bool = False,
) -> Verdict:
    """The verdict on the graded cell `name`. The strong checks share the points if the cell is tagged `partial`, the
    gaps where there are several; otherwise it is all or nothing. Arguments: as in `judge`, for this one cell.

    whole: whether to tell of all checks, hidden ones, too, what was expected, what came, and why. For no page
    """
    wanted = {check: messages[-1] for check, messages in by_name(expected).items()}
    reported, predicates = by_name(emitted), predicates_of(source, name, wanted)
    words = Words(expected, emitted, problem) if whole else words or Words()
    told_wanted = {check: messages[-1] for check, messages in by_name(words.wanted).items()}
    told_reported, visible = by_name(words.reported), set(source.visible_checks(name))
    lines = []
    for check, want in wanted.items():
        reason = _reason(want, reported.get(check, []), predicates.get(check))
        line = Line(check, want["kind"], reason, check in visible)
        if whole or (reason and line.visible):
            told = told_wanted.get(check), told_reported.get(check, []), predicates.get(check)
            lines.append(_in_words(line, *told, shown=whole or line.kind not in STRONG))
        else:
            lines.append(replace(line, reason=reason and _in_a_class(want, reported.get(check, []), reason)))
    told = problem if whole else told_problem(problem, words.problem)
    return Verdict(name, source.points(name), _earned(source, name, lines, problem, wanted), lines, told)


def told_problem(problem: str | None, worded: str | None) -> str | None:
    """Why a cell did not end well, for a page: the exception's name only if it came where no hidden text was, too.

    worded: the same of the worded run
    """
    if problem and problem.startswith(STOPPED):
        return worded if worded and worded.startswith(STOPPED) else f"{STOPPED}an exception"
    return problem


def _earned(source: Source, name: str, lines: list[Line], problem: str | None, wanted: dict) -> float:
    strong = [line for line in lines if line.kind in STRONG]
    if not strong:
        return 0.0
    points, passed = source.points(name), sum(line.passed for line in strong)
    if source.partial(name):
        return points if passed == len(strong) else round(points * passed / len(strong), 2)
    if all(line.passed for line in lines):
        return 0.0 if problem else points
    held, shares = gaps_held(lines, wanted)
    return round(points * held / shares, 2) if shares > 1 else 0.0


def gaps_held(lines: list[Line], wanted: dict[str, dict]) -> tuple[int, int]:
    """How many gaps are held, and how many there are; gaps that the same secret values ask about count once.

    A gap is lost if all secret values that ask about it are wrong. What else failed is charged to the gaps that it asks
    about, of several to the one that the fewest checks ask about; to all if it asks about none.

    wanted: name of a check → the source's own message
    """
    asked: dict[int, set[str]] = {}
    for line in lines:
        for gap in wanted[line.name].get(GAPS, []):
            asked.setdefault(gap, set()).add(line.name)
    secret = {line.name for line in lines if wanted[line.name].get(SECRET)}
    shares = {gap: frozenset(names & secret) for gap, names in asked.items() if names & secret}
    failed = {line.name for line in lines if not line.passed}
    lost = {gap for gap, names in shares.items() if names <= failed}
    for name in failed.difference(*(asked[gap] for gap in lost)):
        about = [gap for gap in shares if name in asked[gap]] or list(shares)
        fewest = min((len(asked[gap]) for gap in about), default=0)
        lost |= {gap for gap in about if len(asked[gap]) == fewest or name not in asked[gap]}
    distinct = set(shares.values())
    return len(distinct - {shares[gap] for gap in lost}), len(distinct)


def _in_words(line: Line, want: dict | None, reported: list[dict], predicate, shown: bool) -> Line:
    """A line as the student may read it, by the run for words. shown: whether values are, too."""
    if want is None:
        return replace(line, reason=line.reason and NOT_THERE)
    reason = _reason(want, reported, predicate)
    if line.reason and not reason:
        return replace(line, reason=NOT_THERE)
    if shown:
        if reason and reported:
            want_text, got_text = checks.shown_apart(_shown, want, reported[0])
        else:
            want_text, got_text = _shown_expected(json.dumps(want)), _shown(reported[0]) if reported else None
        line = replace(line, want=want_text, got=got_text)
    return replace(line, reason=line.reason and reason)


def _in_a_class(want: dict, reported: list[dict], reason: str) -> str:
    """Why a check failed, in one of few ways: whoever wrote the submission may choose the way, and nothing else."""
    if reason in FIXED:
        return reason
    if want["kind"] == "raises":
        return "another outcome"
    if want["kind"] == "claim":
        return "raised an exception"
    return checks.kind_of_difference(want["value"], reported[0].get("value"), want["rtol"], want["atol"])


def _reason(want: dict, reported: list[dict], predicate) -> str | None:
    """Why a check fails; None if it holds."""
    if not reported:
        return NOT_REACHED
    if any(_differs(reported[0], other) for other in reported[1:]):
        return TWICE
    got = reported[0]
    if got["kind"] != want["kind"]:
        return OTHER_KIND
    value = got.get("value")
    if want["kind"] == "raises":
        return _reason_raises(want["value"], value)
    if isinstance(value, dict) and set(value) == {"raised"}:
        return f"raised {checks.builtin_name(value['raised'])}"
    if isinstance(value, dict) and set(value) == {"refused"}:
        return UNREPORTABLE
    if want["kind"] == "claim":
        return None if _holds(predicate, value) else NOT_HELD
    if not _differs(
        want["value"], value
    ):  # most answers are exactly the same, and this is quicker than comparing numbers
        return None
    return checks.difference(want["value"], value, want["rtol"], want["atol"], want.get("dtype", False))


def _reason_raises(want: dict, got) -> str | None:
    """`want` and `got` are plain dicts {"exception", "outcome": {"ancestry", "match", "shown"}}."""
    try:
        exception = checks.unplain(want)["exception"]
        outcome = checks.unplain(got)["outcome"]
        ancestry, match = outcome["ancestry"], outcome["match"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return UNREPORTABLE
    if not isinstance(ancestry, list) or exception not in ancestry:
        return f"{exception} was to be raised"
    return None if match is True else "the message does not say what it should"


def _holds(predicate, value) -> bool:
    """Whether a claim's predicate holds. For hostile or malformed material it does not."""
    try:
        with np.errstate(all="ignore"):  # numbers without end are no news for the instructor's terminal
            return bool(predicate(checks.unplain(value)))
    except Exception:
        return False


def predicates_of(source: Source, name: str, wanted: dict) -> dict:
    """The predicates that the JUDGE block of a cell registers: name of a check → predicate."""
    text = source.judge_text(name)
    found: dict = {}
    if text:
        namespace = {"judge": found.__setitem__, "np": np, "expected": Answers(wanted), "here": source.folder}
        exec(_compiled(text, f"{source.path.name}:{name}:JUDGE", "exec"), namespace)
    return found


_compiled = functools.lru_cache(maxsize=1000)(compile)  # the same for a whole class


class Answers(Mapping):
    """The reference's values: name of a check → value. Most are never needed, so each is parsed when it is."""

    def __init__(self, wanted: dict):
        self.wanted = wanted

    def __getitem__(self, check: str):
        return checks.unplain(self.wanted[check]["value"])

    def __iter__(self):
        return iter(self.wanted)

    def __len__(self) -> int:
        return len(self.wanted)


def _differs(one, other) -> bool:
    try:
        return json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True)
    except RecursionError:
        return True


def _shown(message: dict, digits: int = checks.DIGITS) -> str:
    """A short text of a message's value that can be written to a file. digits: of a number in an array, at most."""
    try:
        if message["kind"] == "raises":
            text = str(checks.unplain(message["value"])["outcome"]["shown"])[:200]
        else:
            text = checks.show(message["value"], digits=digits)
    except (ValueError, LookupError, TypeError, RecursionError):
        return "?"
    return PLACES.sub("...", text.encode(errors="replace").decode())


@functools.lru_cache(maxsize=1000)  # the same for a whole class
def _shown_expected(message: str) -> str:
    return _shown(json.loads(message))
