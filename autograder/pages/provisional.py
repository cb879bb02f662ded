"""The page that a student gets within a minute of handing in: what the checks say, before anything is final.

Visible checks are shown in full. Of hidden ones the page says whether they passed, and only where the course lets it.
The points of a question are on no such page: they would say how the hidden checks went.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from jinja2 import Environment, FileSystemLoader

from autograder.judging.judge import NOT_THERE
from autograder.judging.outputs import verdict_in
from autograder.judging.source import Source, question_label
from autograder.pages.feedback import TEMPLATES, headings_of
from tito import clock
from tito.notebooks import grade_id, is_check, is_manual

FOLDERS = [TEMPLATES / "provisional", TEMPLATES / "base", TEMPLATES / "feedback"]


@dataclass
class ShownQuestion:
    """What the page shows of one graded cell."""

    label: str
    heading: str
    state: str = "pending"
    lines: list[dict] = field(default_factory=list)
    problem: str = ""
    note: str = ""

    @property
    def of(self) -> int:
        """How many checks are shown."""
        return len(self.lines)

    @property
    def passed(self) -> int:
        """How many of them passed."""
        return sum(not line["reason"] for line in self.lines)


def shown_questions(source: Source, notebook: Any, hidden: bool) -> list[ShownQuestion]:
    """What a student may see of the verdicts in `notebook` now. hidden: whether that holds for hidden checks, too"""
    headings, found = headings_of(source.cells), []
    for cell in notebook.cells:
        name = grade_id(cell) or ""
        question = ShownQuestion(question_label(name), headings.get(name, ""))
        if is_manual(cell):
            question.note = "A person reads this answer."
            found.append(question)
        elif is_check(cell):
            _fill(question, verdict_in(cell) or {}, hidden)
            found.append(question)
    return found


def _fill(question: ShownQuestion, verdict: dict, hidden: bool) -> None:
    all_lines = verdict.get("lines", [])
    question.lines = [_line(line) for line in all_lines if hidden or line["visible"]]
    if any(line["visible"] and line["reason"] not in (None, NOT_THERE) for line in all_lines) or hidden:
        question.problem = verdict.get("problem") or ""  # otherwise it may come from a hidden check
    if question.lines:
        question.state = "pass" if question.passed == question.of else "part" if question.passed else "fail"
    if not hidden and any(not line["visible"] for line in all_lines):
        question.note = "Hidden checks ask for the same on other inputs. Their outcome comes later."


def _line(line: dict) -> dict:
    """A line of a verdict as the page shows it: of a hidden check only whether it passed."""
    if line["visible"]:
        return line
    return line | {"reason": line["reason"] and "failed", "want": None, "got": None}


def provisional_page(source: Source, student: str, handed_in: datetime, said: list[str], questions: list) -> str:
    """The page, one self-contained HTML file. said: sentences that stand above the questions"""
    environment = Environment(loader=FileSystemLoader(FOLDERS), autoescape=True)
    module = source.workspace.course.modules[source.module]
    return environment.get_template("index.html.j2").render(
        title=f"Module {module.number}: {module.title}",
        course=source.workspace.course.title,
        student=student,
        handed_in=clock.shown(handed_in, source.workspace.course.zone),
        said=said,
        questions=[asdict(one) | {"of": one.of, "passed": one.passed} for one in questions],
    )
