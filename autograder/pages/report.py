"""The class page: how a module went, from the gradebook and the judge's verdicts. Only the instructor sees it."""

import statistics
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from nbgrader.api import Gradebook, MissingEntry

from autograder.gradebook.record import notes_of
from autograder.gradebook.waiting import waiting
from autograder.intake.roster import everybody
from autograder.judging.cells import mend
from autograder.judging.outputs import verdict_in
from autograder.judging.source import Source, question_label
from autograder.pages import alike
from autograder.pages.causes import causes_of
from autograder.pages.feedback import TEMPLATES
from tito.notebooks import is_check, is_manual, read
from tito.uses import answers_used, not_begun
from tito.workspace import UserError, Workspace

NEARLY_NOBODY = 0.2  # share of those who handed in; a check that fewer pass is worth a look
MIN_CLASS = 5  # fewer students say nothing about a question
BINS = 10


@dataclass
class Question:
    """How the class did on one graded cell."""

    name: str
    points: float
    by_hand: bool
    full: int = 0
    partial: int = 0
    none: int = 0
    waiting: int = 0
    causes: int = 0  # students for whom it is wrong by itself
    followed: int = 0  # students who lost nothing here, because it was judged with the course's answer to another
    difficulty: float | None = None  # mean share of the points
    discrimination: float | None = None  # correlation with the rest of the score

    @property
    def label(self) -> str:
        """The question's name as people say it."""
        return question_label(self.name)


@dataclass
class Report:
    """How the class did on one module."""

    module: str
    title: str
    max_score: float
    scores: dict[str, float]
    waiting: dict[str, list[str]]
    missing: list[str]
    not_graded: list[str]
    questions: list[Question]
    rare_checks: list[dict]
    stopped: list[dict]
    flags: list[dict]
    alike: list[alike.Group]
    doubts: dict[str, str]  # student → why nobody can tell the score; it counts nowhere
    mean_share: float | None = None  # of the points that are graded: an answer that waits counts neither way
    median_share: float | None = None
    bins: list[int] = field(default_factory=list)  # how many students have which tenth of the graded points


def report_on(workspace: Workspace, gradebook: Gradebook, source: Source, doubts: dict[str, str]) -> Report:
    """The report on one module. Its students are those that the gradebook or submitted/ knows.

    doubts: student → why nobody can tell the score
    """
    try:
        recorded: Any = gradebook.assignment_submissions(source.module)  # by type, its fields are columns of the table
    except MissingEntry:
        recorded = []
    submissions = {one.student_id: one for one in recorded}
    handed_in = {path.parent.name for path in (workspace.root / "submitted").glob(f"*/{source.module}")}
    notebooks = {student: _autograded(workspace, source, student) for student in sorted(submissions)}
    notebooks = {student: notebook for student, notebook in notebooks.items() if notebook}
    certain = {student: one for student, one in submissions.items() if student not in doubts}
    scores = {student: float(one.score) for student, one in sorted(certain.items())}
    shares = {student: known.share for student, one in sorted(certain.items()) if (known := _known(one)).worth}
    report = Report(
        module=source.module,
        title=workspace.course.modules[source.module].title,
        max_score=sum(cell.metadata["nbgrader"]["points"] for cell in _graded_cells(source).values()),
        scores=scores,
        waiting={student: names for student, one in sorted(submissions.items()) if (names := waiting(one))},
        missing=sorted(everybody(workspace, gradebook) - handed_in - set(submissions)),
        not_graded=sorted(handed_in - set(submissions)),
        questions=_with_causes(_questions(source, certain), source, notebooks),
        rare_checks=_rare_checks(notebooks),
        stopped=_stopped(workspace, source, submissions),
        flags=_flags(workspace, source, submissions),
        alike=alike.groups({student: alike.added_code(notebook, source) for student, notebook in notebooks.items()}),
        doubts=doubts,
    )
    if shares:
        report.mean_share, report.median_share = statistics.fmean(shares.values()), statistics.median(shares.values())
        report.bins = _bins(shares)
    return report


def page(workspace: Workspace, reports: list[Report]) -> str:
    """The reports as one self-contained HTML file."""
    environment = Environment(loader=FileSystemLoader([TEMPLATES / "report", TEMPLATES / "base"]), autoescape=True)
    made = f"{datetime.now():%Y-%m-%d %H:%M}"
    return environment.get_template("index.html.j2").render(course=workspace.course, reports=reports, made=made)


def _graded_cells(source: Source) -> dict:
    return {name: cell for name, cell in source.named_cells.items() if is_check(cell) or is_manual(cell)}


def _autograded(workspace: Workspace, source: Source, student: str):
    try:
        return read(workspace.root / "autograded" / student / source.module / source.path.name)
    except UserError:
        return None


@dataclass(frozen=True)
class Points:
    """What a student has of the questions that are graded, and what these are worth."""

    score: float
    worth: float

    @property
    def share(self) -> float:
        """The share of the points."""
        return self.score / self.worth

    def without(self, score: float, worth: float) -> "Points":
        """The same of the other questions."""
        return Points(self.score - score, self.worth - worth)


def _known(submission) -> Points:
    graded = [one for notebook in submission.notebooks for one in notebook.grades if not one.needs_manual_grade]
    return Points(sum(float(one.score) for one in graded), sum(float(one.max_score) for one in graded))


def _bins(shares: dict[str, float]) -> list[int]:
    """How many shares lie in each tenth."""
    bins = [0] * BINS
    for share in shares.values():
        bins[min(BINS - 1, int(BINS * max(0.0, share)))] += 1
    return bins


# --- questions ------------------------------------------------------------------------------------


def _questions(source: Source, submissions: dict) -> list[Question]:
    grades: dict[str, dict] = {}
    for student, submission in submissions.items():
        for notebook in submission.notebooks:
            for grade in notebook.grades:
                grades.setdefault(grade.name, {})[student] = None if grade.needs_manual_grade else float(grade.score)
    totals = {student: _known(one) for student, one in submissions.items()}
    return [_question(name, cell, grades.get(name, {}), totals) for name, cell in _graded_cells(source).items()]


def _with_causes(questions: list[Question], source: Source, notebooks: dict) -> list[Question]:
    """The questions themselves, with how many students made a mistake there, and to how many it was no harm."""
    by_name = {question.name: question for question in questions}
    for notebook in notebooks.values():
        verdicts = [verdict for cell in filter(is_check, notebook.cells) if (verdict := verdict_in(cell))]
        for cause in causes_of(verdicts, answers_used(source.notebook, notebook), not_begun(notebook)):
            if cause.name in by_name:
                by_name[cause.name].causes += 1
            for name in by_name.keys() & set(cause.given):
                by_name[name].followed += 1
    return questions


def _question(name: str, cell, scores: dict[str, float | None], totals: dict[str, Points]) -> Question:
    points = float(cell.metadata["nbgrader"]["points"])
    known = {student: score for student, score in scores.items() if score is not None}
    question = Question(name, points, is_manual(cell), waiting=len(scores) - len(known))
    question.full = sum(score >= points for score in known.values())
    question.none = sum(score <= 0 < points for score in known.values())
    question.partial = len(known) - question.full - question.none
    if known and points:
        question.difficulty = statistics.fmean(known.values()) / points
    question.discrimination = _discrimination(known, points, totals)
    return question


def _discrimination(scores: dict[str, float], points: float, totals: dict[str, Points]) -> float | None:
    """Correlation with the rest of the score: whether those who did well on the rest did well here, too."""
    others = {student: totals[student].without(score, points) for student, score in scores.items()}
    rest = {student: one.share for student, one in others.items() if one.worth > 0}
    if len(rest) < MIN_CLASS:
        return None
    try:
        return statistics.correlation([scores[student] for student in rest], list(rest.values()))
    except statistics.StatisticsError:  # where all scores are the same
        return None


def _rare_checks(notebooks: dict) -> list[dict]:
    """Checks that nearly nobody passes: too hard, badly explained, or wrong."""
    passed: dict[tuple[str, str], list[bool]] = {}
    for notebook in notebooks.values():
        for cell in filter(is_check, notebook.cells):
            verdict = verdict_in(cell) or {}
            for line in verdict.get("lines", []):
                passed.setdefault((verdict["grade_id"], line["name"]), []).append(not line["reason"])
    rows = [
        {"cell": cell, "check": check, "passed": sum(results), "of": len(results)}
        for (cell, check), results in passed.items()
        if len(results) >= MIN_CLASS and sum(results) < NEARLY_NOBODY * len(results)
    ]
    return sorted(rows, key=lambda row: row["passed"] / row["of"])


# --- what a person should look at -----------------------------------------------------------------


def _stopped(workspace: Workspace, source: Source, submissions: dict) -> list[dict]:
    """Notes of the runs: time-outs, and cells that ended Python."""
    home = workspace.root / "autograded"
    return [
        {"student": student, "what": note}
        for student in sorted(submissions)
        for note in notes_of(home / student / source.module)
    ]


def _flags(workspace: Workspace, source: Source, submissions: dict) -> list[dict]:
    """Submissions that TAs flagged in formgrader, or in which instructor's cells were put back."""
    found = []
    for student, submission in sorted(submissions.items()):
        flagged = any(notebook.flagged for notebook in submission.notebooks)
        path = workspace.root / "submitted" / student / source.module / source.path.name
        notes = ["flagged in formgrader"] * flagged + _mended(path, source)
        if notes:
            found.append({"student": student, "what": "; ".join(notes)})
    return found


def _mended(path: Path, source: Source) -> list[str]:
    try:
        return mend(read(path), source)[1]
    except UserError:
        return ["the submitted notebook can't be read now"]
