"""Verdicts in otter's form, and in Gradescope's."""

from dataclasses import dataclass, field
from textwrap import indent

from otter.test_files import GradingResults, TestCase
from otter.test_files.abstract_test import TestCaseResult
from otter.test_files.exception_test import ExceptionTestFile

from autograder.judging.judge import Line, Verdict, how_earned
from autograder.judging.source import Source
from tito.notebooks import is_manual, points


@dataclass(frozen=True)
class GradedCell:
    """A graded cell: what it earned (None if a person decides), and what a student may read about it."""

    name: str
    points: float
    earned: float | None
    visible: list[str] = field(default_factory=list)  # a sentence for each check that students see
    hidden: str = ""  # how many of the others passed, without names and reasons
    passed_visible: bool = False
    passed_hidden: bool = False

    @property
    def said(self) -> str:
        """What a student may read, as one text."""
        if self.earned is None:
            return f"To be graded by a TA: {self.points:g} points."
        return "\n".join([*self.visible, *filter(None, [self.hidden])])


def questions(source: Source, verdicts: list[Verdict]) -> list[GradedCell]:
    """All graded cells of a module, in its order."""
    judged = {verdict.grade_id: verdict for verdict in verdicts}
    return [
        _judged(judged[name]) if name in judged else GradedCell(name, float(points(cell)), None)
        for name, cell in source.named_cells.items()
        if name in judged or is_manual(cell)
    ]


def zeros(source: Source, why: str) -> list[GradedCell]:
    """All graded cells with nothing earned, for a results.json before any run. why: as a verdict's problem."""
    return questions(source, [Verdict(name, source.points(name), 0.0, problem=why) for name in source.check_cells])


def _judged(verdict: Verdict) -> GradedCell:
    seen = [line for line in verdict.lines if line.visible]
    unseen = [line for line in verdict.lines if not line.visible]
    return GradedCell(
        verdict.grade_id,
        verdict.points,
        verdict.earned,
        [
            *map(_sentence, seen),
            *([f"This cell {verdict.problem}."] if verdict.problem else []),
            *filter(None, [how_earned(verdict.given, verdict.earned, verdict.points)]),
        ],
        f"{sum(line.passed for line in unseen)} of {len(unseen)} hidden checks passed." if unseen else "",
        not verdict.problem and all(line.passed for line in seen),
        not verdict.problem and all(line.passed for line in unseen),
    )


def _sentence(line: Line) -> str:
    if line.passed:
        return f"passed: {line.name}"
    return f"failed: {line.name}: {line.reason}" + (f" (expected {line.want})" if line.want else "")


def gradescope(asked: list[GradedCell], output: str = "") -> dict:
    """The content of a results.json. Students see visible checks at once, and scores when grades are published.

    A cell that a TA grades has no score yet, which is not a zero. output: about the whole submission.
    """
    results = {
        "score": round(sum(question.earned or 0.0 for question in asked), 2),
        "tests": [_visible(asked), *map(_entry, asked)],
        "stdout_visibility": "hidden",
    }
    return results | ({"output": output} if output else {})


def _visible(asked: list[GradedCell]) -> dict:
    parts = [
        f"{question.name}\n" + indent("\n".join(question.visible), "    ") for question in asked if question.visible
    ]
    passed = all(question.passed_visible for question in asked if question.earned is not None)
    return {
        "name": "Visible checks",
        "status": "passed" if passed else "failed",
        "output": "\n\n".join(parts),
        "visibility": "visible",
    }


def _entry(question: GradedCell) -> dict:
    entry = {"name": question.name, "max_score": question.points, "output": question.said}
    if question.earned is None:
        return entry | {"visibility": "visible"}
    status = "passed" if question.earned == question.points else "failed"
    return entry | {"score": question.earned, "status": status, "visibility": "after_published"}


class Results(GradingResults):
    """Otter's results, made from verdicts instead of the word of the student's process."""

    def __init__(self, asked: list[GradedCell], output: str = ""):
        super().__init__([_test_file(one, one.earned) for one in asked if one.earned is not None])
        self.asked, self.said = asked, output

    def to_gradescope_dict(self, ag_config) -> dict:
        """The content of a results.json."""
        return gradescope(self.asked, self.said)


def _test_file(question: GradedCell, earned: float) -> ExceptionTestFile:
    parts = [
        (TestCase(f"{question.name}: what you see", "", False, 0, None, None), question.passed_visible),
        (TestCase(f"{question.name}: hidden checks", "", True, question.points, None, None), question.passed_hidden),
    ]
    said = ("\n".join(question.visible), question.hidden)
    made = ExceptionTestFile(question.name, f"tests/{question.name}.py", [case for case, _ in parts])
    made.test_case_results = [
        TestCaseResult(case, text, passed) for (case, passed), text in zip(parts, said, strict=True)
    ]
    made.update_score(earned)
    return made
