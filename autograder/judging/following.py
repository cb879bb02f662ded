"""A mistake costs its own question: later questions are judged once more, with the course's answer to the wrong one.

In that run the first check that failed is not run again. The course's answer stands in its place. Each later check is
run; after one that fails, the course's answer stands in its place, too. The better verdict of each question counts.
Only verdicts come out of that run: whatever else its process knows or says, nobody is told.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from autograder.engine.execute import Job, Run
from autograder.judging.judge import Verdict
from autograder.judging.source import STUB, Source, question_label, squeezed
from tito.notebooks import grade_id, is_locked, is_stub
from tito.uses import answers_used, stubs_asked

CellJudge = Callable[[str, Run], Verdict]  # (a graded cell, a run) → the verdict on it


def course_answers(source: Source) -> dict[str, str]:
    """check → the course's answer: the text of the stubs since the check before, and of the given cells after them.

    A check without a stub of its own has the answers to the questions that it asks about once more.
    """
    found, texts, repeats = {}, [], _repeats(source.notebook)
    for name, cell in source.named_cells.items():
        if name in repeats:
            found[name] = "\n".join(found[one] for one in source.check_cells if one in repeats[name])
        elif name in source.check_cells:
            found[name], texts = "\n".join(texts), []
        elif is_stub(cell) or (texts and is_locked(cell)):
            texts.append(cell.source)
    return found


def _repeats(notebook) -> dict[str, set[str]]:
    """A check without a stub of its own → the checks about whose answers it asks once more.

    Its name can say so: `check_Tensor_operators` asks about `Tensor`. Otherwise it is about all that it uses.
    """
    asked, uses = stubs_asked(notebook), answers_used(notebook)
    owners = {stub: check for check, stubs in asked.items() for stub in stubs}
    return {
        check: {owner for stub, owner in owners.items() if question_label(check).startswith(f"{stub}_")} or uses[check]
        for check, stubs in asked.items()
        if not stubs
    }


@dataclass(frozen=True)
class Following:
    """How mistakes in one submission are followed through.

    answers: check → the course's answer
    answered: the checks whose answer the student has written
    repeats: a check without a stub of its own → the checks whose answers it asks about once more
    uses: check → the earlier checks whose answers it uses
    """

    answers: dict[str, str]
    answered: frozenset[str]
    repeats: dict[str, set[str]]
    uses: dict[str, set[str]]

    @classmethod
    def of(cls, notebook, source: Source, answers: dict[str, str]) -> "Following":
        """For a submission with the instructor's cells put back."""
        asked, uses = stubs_asked(notebook), answers_used(source.notebook, notebook)
        untouched = {grade_id(cell) for cell in notebook.cells if is_stub(cell) and _untouched(cell, source)}
        blank = {check for check, stubs in asked.items() if untouched.intersection(stubs)}
        repeats = _repeats(source.notebook)
        answered = frozenset(check for check in asked if not blank & {check, *repeats.get(check, ())})
        return cls(answers, answered, repeats, uses)

    def may_help(self, judged: list[Verdict]) -> list[str]:
        """The graded cells that might be worth more with the course's answers to earlier ones."""
        failed = [verdict.grade_id for verdict in judged if not verdict.passed]
        if not self.answers:
            return []
        return [name for name in failed[1:] if name in self.answered]

    def job(self, job: Job, judged: list[Verdict], fatal: Collection[int]) -> Job:
        """The cells of `job` as far as the last that might be worth more, the course's answer in place of the first
        check that failed, and before it no check, and nothing that would only run out of time again.

        fatal: positions of the cells that ran out of time, or ended Python, when `job` was run
        """
        first = next(verdict.grade_id for verdict in judged if not verdict.passed)
        last = self.may_help(judged)[-1]
        return replace(job, cells=tuple(self._cells(job, first, last, fatal)))

    def _cells(self, job: Job, first: str, last: str, fatal: Collection[int]) -> Iterator[tuple[str | None, bool, str]]:
        reached = False
        for position, (name, check, text) in enumerate(job.cells):
            if name == first:
                reached = True
                yield None, False, self.answers[first]
            elif reached or not (check or position in fatal):
                yield name, check, text
            if name == last:
                return

    def replacing(self, judge_one: CellJudge) -> Callable[[str, Run], str | None]:
        """What stands in the place of a check from then on, for `execute`."""
        return lambda name, run: None if judge_one(name, run).passed else self.answers[name]

    def better(self, judged: list[Verdict], followed: Run, judge_one: CellJudge) -> list[Verdict]:
        """The better verdict on each graded cell, of the judged run and of the run with the course's answers."""
        first = next(verdict.grade_id for verdict in judged if not verdict.passed)
        replaced, hopeful = [first, *followed.replaced], self.may_help(judged)
        return [
            self._better(one, judge_one(one.grade_id, followed), replaced)
            if one.grade_id in hopeful and one.grade_id in followed.emissions
            else one
            for one in judged
        ]

    def _better(self, one: Verdict, other: Verdict, replaced: list[str]) -> Verdict:
        name = one.grade_id
        given = {answer for cell in replaced for answer in (cell, *self.repeats.get(cell, ()))}
        if given & self.repeats.get(name, set()):  # the course's own answer would earn its points
            return one
        before = replaced[: replaced.index(name)] if name in replaced else replaced
        used = [cell for cell in before if cell in self.uses[name]] or before
        return replace(_merged(one, other) if other.earned > one.earned else one, given=used)


def _untouched(cell, source: Source) -> bool:
    """Whether a stub is as it was released, or as it is put back where it was deleted."""
    return squeezed(cell.source) in (source.released_texts[source.named_cells[str(grade_id(cell))].id], STUB)


def _merged(one: Verdict, other: Verdict) -> Verdict:
    """The points of the verdict `other`, without a word of its run: what fails in both is told as in `one`."""
    told = {line.name: line for line in one.lines}
    lines = [
        replace(told[line.name], reason=told[line.name].reason or "does not hold with the course's answers")
        if line.reason
        else replace(line, got=None)
        for line in other.lines
    ]
    return replace(one, earned=other.earned, lines=lines, problem=one.problem if other.problem else None)
