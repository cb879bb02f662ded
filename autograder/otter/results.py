"""Verdicts in otter's form, and in Gradescope's."""

from dataclasses import dataclass

from otter.test_files import GradingResults, TestCase
from otter.test_files.abstract_test import TestCaseResult
from otter.test_files.exception_test import ExceptionTestFile

from autograder.judge import STRONG, Line, Verdict
from autograder.source import Source
from tito.notebooks import is_manual


@dataclass(frozen=True)
class Question:
    """One entry of a results.json: what a cell earned (None where a person decides), and what a student may read."""

    name: str
    points: float
    earned: float | None
    said: str
    passed_visible: bool = False
    passed_hidden: bool = False


def questions(source: Source, verdicts: list[Verdict]) -> list[Question]:
    """All graded cells of a module, in its order."""
    judged = {verdict.grade_id: verdict for verdict in verdicts}
    return [
        _judged(judged[name]) if name in judged else _by_hand(name, cell)
        for name, cell in source.named_cells.items()
        if name in judged or is_manual(cell)
    ]


def zeros(source: Source, why: str) -> list[Question]:
    """Nothing earned: what a results.json says where nothing could be run."""
    return questions(source, [Verdict(name, source.points(name), 0.0, problem=why) for name in source.check_cells])


def _judged(verdict: Verdict) -> Question:
    seen = [line for line in verdict.lines if line.visible]
    unseen = [line for line in verdict.lines if not line.visible]
    said = [_sentence(line) for line in seen]
    if verdict.problem:
        said.append(f"This cell {verdict.problem}.")
    if unseen:  # how many, but neither names nor reasons
        said.append(f"{sum(line.passed for line in unseen)} of {len(unseen)} hidden checks passed.")
    fine = not verdict.problem
    return Question(
        verdict.grade_id,
        verdict.points,
        verdict.earned,
        "\n".join(said),
        fine and all(line.passed for line in seen),
        fine and all(line.passed for line in unseen),
    )


def _sentence(line: Line) -> str:
    if line.passed:
        return f"passed: {line.name}"
    expected = f" (expected {line.want})" if line.want and line.kind not in STRONG else ""
    return f"failed: {line.name}: {line.reason}{expected}"


def _by_hand(name: str, cell) -> Question:
    points = float(cell.metadata["nbgrader"]["points"])
    return Question(name, points, None, f"To be graded by a TA: {points:g} points.")


def gradescope(asked: list[Question], output: str = "") -> dict:
    """A results.json. Scores show when grades are published; what a TA grades has no score yet, so it is no zero."""
    results = {
        "score": round(sum(question.earned or 0.0 for question in asked), 2),
        "tests": [_entry(question) for question in asked],
        "stdout_visibility": "hidden",
    }
    return results | ({"output": output} if output else {})


def _entry(question: Question) -> dict:
    entry = {"name": question.name, "max_score": question.points, "output": question.said}
    if question.earned is None:
        return entry | {"visibility": "visible"}
    status = "passed" if question.earned == question.points else "failed"
    return entry | {"score": question.earned, "status": status, "visibility": "after_published"}


class Results(GradingResults):
    """Otter's results, made from verdicts instead of from what the student's process said."""

    def __init__(self, asked: list[Question], output: str = ""):
        super().__init__([_test_file(question) for question in asked if question.earned is not None])
        self.asked, self.said = asked, output

    def to_gradescope_dict(self, ag_config) -> dict:
        return gradescope(self.asked, self.said)


def _test_file(question: Question) -> ExceptionTestFile:
    parts = (("visible", 0, question.passed_visible), ("hidden", question.points, question.passed_hidden))
    cases = [
        TestCase(f"{question.name}: {part}", "", part == "hidden", points, None, None) for part, points, _ in parts
    ]
    made = ExceptionTestFile(question.name, f"tests/{question.name}.py", cases)
    made.test_case_results = [
        TestCaseResult(case, question.said, passed) for case, (_, _, passed) in zip(cases, parts, strict=True)
    ]
    made.update_score(question.earned)
    return made
