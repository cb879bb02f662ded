"""The class page: how a module went, from the gradebook and the judge's verdicts. Only the instructor sees it."""

import json
import statistics
from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime

from jinja2 import Environment, FileSystemLoader
from nbgrader.api import Gradebook

from autograder.gradebook.doubts import doubts
from autograder.gradebook.marks import Submission, questions_of, submissions_of
from autograder.gradebook.record import checksum_of
from autograder.grading.looks import once, programs
from autograder.intake.roster import everybody
from autograder.intake.submitted import SEEN, misplaced
from autograder.judging.source import Source, question_label
from autograder.pages import alike
from autograder.pages.feedback import TEMPLATES
from autograder.pages.findings import Findings, findings_in
from tito import files
from tito.workspace import Workspace

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


def report_on(workspace: Workspace, gradebook: Gradebook, source: Source) -> Report:
    """The report on one module. Its students are those that the gradebook or submitted/ knows.

    Whoever calls it has brought the gradebook's copies up to date.
    """
    submissions, released = submissions_of(gradebook, source.module), _released(gradebook, source)
    doubtful = doubts(workspace, source.module, submissions)
    handed_in = {path.parent.name for path in files.in_each(workspace.root / "submitted", source.module)}
    handed_in |= misplaced(source).keys()
    findings = findings_in(source, submissions)
    certain = {student: one for student, one in submissions.items() if student not in doubtful}
    known = {student: _known(one) for student, one in certain.items()}
    shares = {student: one.share for student, one in known.items() if one.worth}
    report = Report(
        module=source.module,
        title=workspace.course.modules[source.module].title,
        max_score=sum(points for _, points, _ in released),
        scores={student: one.score for student, one in certain.items()},
        waiting={student: one.waiting for student, one in submissions.items() if one.waiting},
        missing=sorted(everybody(workspace, gradebook) - handed_in - set(submissions)),
        not_graded=sorted(handed_in - set(submissions)),
        questions=_with_causes(_questions(released, certain, known), findings),
        rare_checks=_rare_checks(findings),
        stopped=[{"student": student, "what": note} for student, one in findings.items() for note in one.ends],
        flags=_flags(submissions, findings),
        alike=_alike(source, findings),
        doubts=doubtful,
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


def _released(gradebook: Gradebook, source: Source) -> list[tuple[str, float, bool]]:
    """Name and points of each question, and whether people grade it: as released, whatever the source says now."""
    found = questions_of(gradebook, source.module)
    order = {name: number for number, name in enumerate(source.named_cells)}
    return sorted(found, key=lambda one: order.get(one[0], len(order)))


def _alike(source: Source, findings: dict[str, Findings]) -> list[alike.Group]:
    """Students with much code in common. Nothing is compared again while all answers are as they were."""
    answers = {student: one.answers for student, one in findings.items()}
    given = {
        student: [[name, *vars(one).values()] for name, one in cells.items()] for student, cells in answers.items()
    }
    about = checksum_of(json.dumps([programs(), given]).encode())
    path = source.workspace.root / SEEN / "alike" / f"{source.module}.json"
    found = once(path, about, lambda: [asdict(group) for group in alike.groups(answers)])
    return [alike.Group(**one) for one in found]


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


def _known(submission: Submission) -> Points:
    graded = [mark for mark in submission.marks if not mark.waits]
    return Points(sum(mark.score for mark in graded), sum(mark.worth for mark in graded))


def _bins(shares: dict[str, float]) -> list[int]:
    """How many shares lie in each tenth."""
    bins = [0] * BINS
    for share in shares.values():
        bins[min(BINS - 1, int(BINS * max(0.0, share)))] += 1
    return bins


# --- questions ------------------------------------------------------------------------------------


def _questions(released: list, submissions: dict[str, Submission], totals: dict[str, Points]) -> list[Question]:
    grades: dict[str, dict] = defaultdict(dict)
    for student, submission in submissions.items():
        for mark in submission.marks:
            grades[mark.cell][student] = None if mark.waits else mark.score
    return [_question(Question(*one), grades[one[0]], totals) for one in released]


def _with_causes(questions: list[Question], findings: dict[str, Findings]) -> list[Question]:
    """The questions themselves, with how many students made a mistake there, and to how many it was no harm."""
    by_name = {question.name: question for question in questions}
    for one in findings.values():
        for name, given in one.causes.items():
            if name in by_name:
                by_name[name].causes += 1
            for followed in by_name.keys() & set(given):
                by_name[followed].followed += 1
    return questions


def _question(question: Question, scores: dict[str, float | None], totals: dict[str, Points]) -> Question:
    points = question.points
    known = {student: score for student, score in scores.items() if score is not None}
    question.waiting = len(scores) - len(known)
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


def _rare_checks(findings: dict[str, Findings]) -> list[dict]:
    """Checks that nearly nobody passes: too hard, badly explained, or wrong."""
    outcomes = Counter((cell, *checks.items()) for one in findings.values() for cell, checks in one.passed.items())
    passed, asked = Counter(), Counter()
    for (cell, *checks), students in outcomes.items():  # of whom a class has few that differ
        for check, result in checks:
            asked[cell, check] += students
            passed[cell, check] += students * result
    rows = [
        {"cell": cell, "check": check, "passed": passed[cell, check], "of": count}
        for (cell, check), count in asked.items()
        if count >= MIN_CLASS and passed[cell, check] < NEARLY_NOBODY * count
    ]
    return sorted(rows, key=lambda row: row["passed"] / row["of"])


def _flags(submissions: dict[str, Submission], findings: dict[str, Findings]) -> list[dict]:
    """Submissions that TAs flagged in formgrader, or in which instructor's cells were put back."""
    notes = {who: ["flagged in formgrader"] * one.flagged + findings[who].put_back for who, one in submissions.items()}
    return [{"student": student, "what": "; ".join(said)} for student, said in notes.items() if said]
