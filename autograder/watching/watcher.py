"""`tito watch`: what arrives is collected, graded and answered with a provisional page, once.

Each step is done by the same code as `tito collect` and `tito grade`, and may be done again. A hand-in is dealt with
when its row is committed to the table ATTEMPTS, after all else. So whatever stops a round, the next one goes on.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.deadlines.attempts import AttemptRule
from autograder.deadlines.deadlines import Deadlines
from autograder.engine.pool import HERE, Options
from autograder.gradebook.api import nbgrader_api
from autograder.gradebook.attempts import Attempt, Attempts
from autograder.grading.pipeline import Graded, Selection, grade_module
from autograder.handing_back.sending import answer_in_exchange
from autograder.intake.collect import Collection, Item
from autograder.intake.inbox import Inbox, InboxItem
from autograder.intake.roster import Roster, everybody
from autograder.intake.submitted import alone
from autograder.judging.outputs import verdict_in
from autograder.judging.source import Source
from autograder.pages.provisional import provisional_page, shown_questions
from tito import files
from tito.notebooks import read
from tito.workspace import UserError, Workspace

FIRST_DELAY, LONGEST_DELAY = 60, 3600  # seconds until what could not be graded is tried again
PROVISIONAL = "This is a first look, made by machine. The grade follows after the deadline."
FOR_A_PERSON = "This work arrived and is kept. It could not be graded by machine: a person looks at it."
TOMORROW = "This work arrived and is kept. You have had your {} pages of today: this one is graded tomorrow."


@dataclass(frozen=True)
class Answered:
    """What became of a hand-in. seconds: since it arrived; trouble: whether a person has to look at it"""

    module: str
    student: str
    name: str
    text: str
    seconds: float = 0
    trouble: bool = False


@dataclass(frozen=True)
class Turn:
    """A hand-in whose turn it is. day: whose attempt it is; text: what became of it in submitted/"""

    student: str
    hand_in: InboxItem
    day: date
    text: str = ""
    trouble: bool = False

    @property
    def laid(self) -> bool:
        """Whether submitted/ has it."""
        return self.text.startswith(("taken", "unchanged"))


@dataclass
class Watcher:
    """Looks at an inbox, again and again.

    modules: those that are watched
    every: whether these are all that the course teaches, also those that it will teach tomorrow
    waiting: hand-ins that were there at the last look, and have no page yet
    tomorrow: names of those whose student has had all pages of the day
    passed: names of those that a newer one has overtaken
    later: name → when to try again, and the seconds of delay until then
    """

    root: Path
    inbox: Inbox
    modules: list[str]
    options: Options = HERE
    every: bool = False
    waiting: list[InboxItem] = field(default_factory=list)
    tomorrow: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    later: dict[str, tuple[float, float]] = field(default_factory=dict)

    @cached_property
    def attempts(self) -> Attempts:
        """All attempts that students have had."""
        with nbgrader_api(Workspace.find(self.root)) as api, api.gradebook as gradebook:
            return Attempts(gradebook)

    def look(self) -> list[InboxItem]:
        """Look at the inbox: the hand-ins that wait for their page now."""
        if self.every:
            with suppress(UserError):  # a manifest that can't be read now: `answer` says so where somebody waits
                self.modules = Workspace.find(self.root).released()
        known = {name for _, name in self.attempts.names} | self.passed
        found = [self._with_module(one) for one in self.inbox.look(known)]
        now = time.monotonic()
        self.waiting = [
            one for one in found if one.module in self.modules and self.later.get(one.name, (0, 0))[0] <= now
        ]
        return self.waiting

    def _with_module(self, one: InboxItem) -> InboxItem:
        return replace(one, module=self.modules[0]) if one.module is None and len(self.modules) == 1 else one

    def answer(self) -> Iterator[Answered]:
        """Grade and answer what the last look has found. Yields what became of each as soon as that is certain."""
        workspace, by_module = Workspace.find(self.root), defaultdict(list)
        for one in self.waiting:
            by_module[one.module].append(one)
        for module, hand_ins in by_module.items():
            try:
                yield from _Round(self, Source.of(workspace, module)).all(hand_ins)
            except UserError as error:  # it stops this module, and no other
                for one in hand_ins:
                    self.put_off(one)
                yield Answered(module, "", "", str(error), trouble=True)

    def queue(self) -> dict:
        """What waits, for people to see."""
        names = {name for _, name in self.attempts.names} | self.passed
        others = names | self.tomorrow | self.later.keys()
        open_ = [one for one in self.waiting if one.name not in others]
        oldest = min((one.at for one in open_), default=None)
        return {
            "waiting": len(open_),
            "oldest": oldest and f"{oldest:%H:%M:%S} UTC",
            "tomorrow": len(self.tomorrow - names),
            "trouble": len(self.later.keys() - self.tomorrow - names),
        }

    def put_off(self, one: InboxItem) -> None:
        """Try a hand-in again later, and each time after a longer while."""
        _, delay = self.later.get(one.name, (0, FIRST_DELAY / 2))
        delay = min(2 * delay, LONGEST_DELAY)
        self.later[one.name] = time.monotonic() + delay, delay


class _Round:
    """What one look has found of one module."""

    def __init__(self, watcher: Watcher, source: Source):
        self.watcher, self.source, self.workspace = watcher, source, source.workspace
        self.rule, self.deadlines = AttemptRule.of(self.workspace.course, source.module), Deadlines.of(self.workspace)
        self.now, self.attempts = datetime.now(UTC), watcher.attempts
        self.others: list[Answered] = []

    def all(self, hand_ins: list[InboxItem]) -> Iterator[Answered]:
        turns = self._take(hand_ins)
        yield from self.others
        notebooks: dict[str, Any] = {}
        laid = frozenset(turn.student for turn in turns if turn.laid)
        graded: dict[str, Graded] = {}
        if laid:
            rows = grade_module(self.source, Selection(laid), self.watcher.options, seen=notebooks.__setitem__)
            graded = {row.student: row for row in rows}
        with nbgrader_api(self.workspace) as api, api.gradebook as gradebook:
            for turn in turns:
                yield self._answer(api, gradebook, turn, graded.get(turn.student), notebooks.get(turn.student))

    # --- whose turn it is -----------------------------------------------------------------------------

    def _take(self, hand_ins: list[InboxItem]) -> list[Turn]:
        """Put the hand-ins whose turn it is into submitted/."""
        workspace, module = self.workspace, self.source.module
        with ExitStack() as stack, alone(workspace, module), nbgrader_api(workspace) as api, api.gradebook as gradebook:
            collection = Collection(self.source, Roster.of(gradebook), self.deadlines)
            of_entry = {entry: one for one in hand_ins for entry in one.entries(stack)}
            found = collection.sort(list(of_entry))
            self.deadlines.allowed.refuse_unknown({*everybody(workspace, gradebook), *found})
            self._without_owner(
                collection, {of_entry[item.entry] for items in found.values() for item in items}, hand_ins
            )
            turns = []
            for student, items in found.items():
                by_hand_in: dict[InboxItem, list[Item]] = defaultdict(list)
                for item in items:
                    by_hand_in[of_entry[item.entry]].append(item)
                if (chosen := self._chosen(student, list(by_hand_in))) and (day := self._day(api, student, chosen)):
                    before = len(collection.rows)
                    collection.take(student, by_hand_in[chosen])
                    turns.append(_turn(student, chosen, day, collection.rows[before:]))
            return turns

    def _without_owner(self, collection: Collection, owned: set[InboxItem], hand_ins: list[InboxItem]) -> None:
        """Note the hand-ins of which nobody can tell whose they are: a person can, with `tito collect --map`."""
        said = "; ".join(sorted({row.text for row in collection.rows if row.trouble})) or "it holds no file"
        for one in hand_ins:
            if one not in owned:
                self.watcher.put_off(one)
                self.others.append(Answered(self.source.module, "", one.name, f"not taken: {said}", trouble=True))

    def _chosen(self, student: str, hand_ins: list[InboxItem]) -> InboxItem | None:
        """The hand-in that counts of those without a page: in time, the newest. Older ones have been overtaken."""
        newest, due = self.attempts.newest(self.source.module, student), self.deadlines.due(student, self.source.module)
        in_time = [one for one in hand_ins if not (due and one.at > due)]
        chosen = max(in_time or hand_ins, key=lambda one: (one.at, one.name))
        for one in hand_ins:
            if one.at < chosen.at or (newest and one.at < newest):
                self.watcher.passed.add(one.name)
        return None if chosen.name in self.watcher.passed else chosen

    def _day(self, api, student: str, one: InboxItem) -> date | None:
        """The day whose attempt a hand-in is; None if the student has had all of today's."""
        zone, used = self.workspace.course.zone, self.attempts.used(self.source.module, student)
        day = self.rule.day_for(one.at, used, self.now, zone)
        if day:
            self.watcher.tomorrow.discard(one.name)
            return day
        self.watcher.later[one.name] = time.monotonic() + FIRST_DELAY, FIRST_DELAY / 2
        if one.name not in self.watcher.tomorrow:
            self._send(api, student, one, [TOMORROW.format(self.rule.per_day)], [])
            said = f"waits until tomorrow: {self.rule.per_day} a day"
            self.others.append(Answered(self.source.module, student, one.name, said))
            self.watcher.tomorrow.add(one.name)
        return None

    # --- the answer -----------------------------------------------------------------------------------

    def _answer(self, api, gradebook, turn: Turn, graded: Graded | None, notebook) -> Answered:
        """Send the page, and note the attempt."""
        student, one, module = turn.student, turn.hand_in, self.source.module
        trouble = turn.text if turn.trouble else graded and graded.trouble
        if trouble:
            self.watcher.put_off(one)
            self._send(api, student, one, [FOR_A_PERSON], [])
            return Answered(module, student, one.name, trouble, self._seconds(one), trouble=True)
        if graded and notebook is None:  # it is what was graded before
            notebook = read(self.workspace.root / "autograded" / student / module / self.source.path.name)
        questions = shown_questions(self.source, notebook, self._hidden_too(student)) if notebook else []
        self._send(api, student, one, self._said(turn, graded), questions)
        score = sum(verdict["earned"] for cell in notebook.cells if (verdict := verdict_in(cell))) if notebook else None
        self.attempts.add(gradebook, Attempt(module, student, one.name, one.at, turn.day, score))
        self.watcher.later.pop(one.name, None)
        return Answered(module, student, one.name, turn.text, self._seconds(one))

    def _said(self, turn: Turn, graded: Graded | None) -> list[str]:
        """The sentences above the questions."""
        if graded is None:
            return [f"This work is kept, and another one counts ({turn.text})."]
        said = [PROVISIONAL]
        if self.rule.per_day:
            used = self.attempts.used(self.source.module, turn.student).get(turn.day, 0) + 1
            said.append(f"Page {used} of {self.rule.per_day} on {turn.day}.")
        if self.rule.counts == "best":
            said.append("Of your attempts the best one counts.")
        return said

    def _hidden_too(self, student: str) -> bool:
        due = self.deadlines.due(student, self.source.module)
        return self.rule.hidden == "always" or bool(due and self.now > due)

    def _send(self, api, student: str, one: InboxItem, said: list[str], questions: list) -> None:
        page = provisional_page(self.source, student, one.at, said, questions)
        files.write(
            self.workspace.root / "dist" / "provisional" / self.source.module / f"{student}.html", page, private=True
        )
        answer_in_exchange(api, one.path, self.source.path.stem, page)

    def _seconds(self, one: InboxItem) -> float:
        return max(0.0, (datetime.now(UTC) - one.at).total_seconds())


def _turn(student: str, one: InboxItem, day: date, rows: list) -> Turn:
    """What `tito collect` says of a hand-in: of its notebook, or what a person has to look at."""
    if troubles := [row.text for row in rows if row.trouble]:
        return Turn(student, one, day, troubles[0], trouble=True)
    texts = [row.text for row in rows if row.text != "taken along"]
    laid = [text for text in texts if text.startswith(("taken", "unchanged"))]
    return Turn(student, one, day, (laid or texts or ["it holds no notebook"])[0])
