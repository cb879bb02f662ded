"""The answers of a class to one question, as nbgrader's gradebook holds them, and how a person grades one of them.

nbgrader's tables stay the truth: formgrader shows at once what is saved here, and this shows what formgrader saved.
The course's own table READ notes beside them who graded what, and when.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from nbgrader.api import Base
from nbgrader.utils import determine_grade

from autograder.gradebook.marks import questions_of
from autograder.gradebook.record import NOT_RECORDED, checksum_of, recorded, unrecorded
from autograder.gradebook.tables import READ
from autograder.judging.source import MARK_SCHEME, Source, inside, question_label, without
from autograder.manual_grading.rubric import Rubric, rubric_of
from tito.notebooks import grade_id, is_check, is_manual, read
from tito.workspace import UserError

PARTS = "Part "  # a comment's first line that begins so says which parts of the rubric were earned
SLACK = 1e-9


@dataclass(frozen=True)
class ManualQuestion:
    """A question that a person grades."""

    module: str
    name: str  # nbgrader's grade_id
    points: float
    text: str  # markdown, without the rubric
    rubric: Rubric

    @property
    def label(self) -> str:
        """The question's name as people say it."""
        return question_label(self.name)


@dataclass(frozen=True)
class AnswerRow:
    """What the gradebook holds about one answer."""

    id: str  # of nbgrader's grade: it names nobody
    student: str
    name: str  # of the student, as the roster has it
    score: float | None  # without extra credit; None: nobody has graded it
    comment: str
    waits: bool
    flagged: bool  # by a person, in formgrader
    untouched: bool  # nothing was answered
    version: str  # another one with every change in the gradebook
    by: str | None  # who graded it last, here
    at: str | None  # when; ISO 8601


@dataclass(frozen=True)
class Written:
    """What a student wrote, and what the machine said of the same student's work."""

    text: str  # markdown
    machine: list[dict]  # of each graded cell: label, score, points


class Stale(Exception):
    """The gradebook does not hold any more what the person saw. now: what it holds."""

    def __init__(self, now: AnswerRow):
        super().__init__(f"the answer was graded by {now.by or 'somebody else'} in the meantime")
        self.now = now


# --- questions --------------------------------------------------------------------------------------


def manual_questions(source: Source) -> list[ManualQuestion]:
    """The questions of a module that a person grades, in the notebook's order."""
    found, text, scheme = [], "", ""
    for cell in source.cells:
        if is_manual(cell):
            name, points = grade_id(cell) or "", float(cell.metadata["nbgrader"]["points"])
            found.append(ManualQuestion(source.module, name, points, text, rubric_of(scheme)))
        elif MARK_SCHEME[0] in cell.source:
            text, scheme = without(cell.source, MARK_SCHEME), inside(cell.source, MARK_SCHEME)
    return found


def manual_question(source: Source, name: str) -> ManualQuestion:
    """A question by its grade_id. Raises UserError if the module has none of this name."""
    for one in manual_questions(source):
        if one.name == name:
            return one
    raise UserError(f"{source.module} has no question {name!r} that a person grades")


def refuse_other_points(gradebook: Any, asked: ManualQuestion) -> None:
    """Raise UserError if a question was released with other points than it has in source/ now."""
    for name, worth, _ in questions_of(gradebook, asked.module):
        if name == asked.name and worth != asked.points:
            raise UserError(
                f"{asked.label} of {asked.module} was released with {worth:g} points, and has {asked.points:g} in "
                f"source/. Release the module again (tito release {asked.module}), or undo the change."
            )


# --- answers ----------------------------------------------------------------------------------------


def answer_rows(gradebook: Any, asked: ManualQuestion) -> list[AnswerRow]:
    """The answers of the class, in an order that says nothing about the students."""
    return sorted(_answers(gradebook, asked), key=lambda one: checksum_of(one.id.encode()))


def answer_row(gradebook: Any, asked: ManualQuestion, id_: str) -> AnswerRow:
    """One answer by its id. Raises UserError if there is none."""
    for one in _answers(gradebook, asked, id_):
        return one
    raise UserError("The gradebook has no such answer any more. Load the page again.")


def _answers(gradebook: Any, asked: ManualQuestion, id_: str | None = None) -> list[AnswerRow]:
    works = {student: row.work for student, row in recorded(gradebook, asked.module).items()}
    last = {
        row.student: row
        for row in gradebook.db.execute(_of(asked, sa.select(READ.c.student, READ.c.by, READ.c.at)).order_by(READ.c.at))
    }
    rows = gradebook.db.execute(_rows(asked) if id_ is None else _rows(asked, id_))
    return [_answer(row, works.get(row.student), last.get(row.student)) for row in rows]


def _of(asked: ManualQuestion, statement: Any) -> Any:
    return statement.where((READ.c.module == asked.module) & (READ.c.question == asked.name))


def _rows(asked: ManualQuestion, id_: str | None = None) -> Any:
    """What nbgrader's tables hold about the answers to a question."""
    tables = Base.metadata.tables
    grade, comment, student = tables["grade"], tables["comment"], tables["student"]
    notebook, submission, assignment = (
        tables[name] for name in ("submitted_notebook", "submitted_assignment", "assignment")
    )
    graded, commented = tables["base_cell"].alias("graded"), tables["base_cell"].alias("commented")
    chosen = (assignment.c.name == asked.module) & (graded.c.name == asked.name)
    return (
        sa.select(
            grade.c.id,
            comment.c.id.label("comment_id"),
            student.c.id.label("student"),
            student.c.first_name,
            student.c.last_name,
            grade.c.auto_score,
            grade.c.manual_score,
            grade.c.extra_credit,
            grade.c.needs_manual_grade,
            comment.c.manual_comment,
            notebook.c.flagged,
        )
        .join(graded, grade.c.cell_id == graded.c.id)
        .join(notebook, grade.c.notebook_id == notebook.c.id)
        .join(submission, notebook.c.assignment_id == submission.c.id)
        .join(assignment, submission.c.assignment_id == assignment.c.id)
        .join(student, submission.c.student_id == student.c.id)
        .join(comment, comment.c.notebook_id == notebook.c.id)
        .join(commented, (comment.c.cell_id == commented.c.id) & (commented.c.name == graded.c.name))
        .where(chosen if id_ is None else chosen & (grade.c.id == id_))
    )


def _answer(row: Any, work: str | None, last: Any) -> AnswerRow:
    numbers = (row.auto_score, row.manual_score, row.extra_credit, row.needs_manual_grade)
    untouched = row.auto_score == 0 and row.manual_score is None
    score = row.manual_score if row.manual_score is not None else row.auto_score
    return AnswerRow(
        id=row.id,
        student=row.student,
        name=" ".join(filter(None, (row.first_name, row.last_name))),
        score=score,
        comment=row.manual_comment or "",
        waits=row.needs_manual_grade,
        flagged=bool(row.flagged),
        untouched=untouched,
        version=checksum_of(json.dumps([*numbers, row.manual_comment, work]).encode()),
        by=last and last.by,
        at=last and last.at.replace(tzinfo=UTC).isoformat(),
    )


def written(gradebook: Any, source: Source, asked: ManualQuestion, student: str) -> Written:
    """A student's answer. Raises UserError if the graded notebook is not what the gradebook's scores are about."""
    if unrecorded(gradebook, source, student):
        raise UserError(f"{source.module}, {student}: {NOT_RECORDED.format(module=source.module)}")
    notebook = read(source.workspace.root / "autograded" / student / source.module / source.path.name)
    text = next((cell.source for cell in notebook.cells if grade_id(cell) == asked.name), "")
    return Written(text, [_judged(cell) for cell in notebook.cells if is_check(cell)])


def _judged(cell) -> dict:
    score, points = determine_grade(cell)
    return {"label": question_label(grade_id(cell) or ""), "score": score or 0.0, "points": points}


def comments(found: list[AnswerRow]) -> list[str]:
    """The comments that people have typed on answers, those used most first."""
    typed = Counter(text for one in found if (text := _typed(one.comment)))
    return [text for text, _ in typed.most_common()]


def _typed(comment: str) -> str:
    """A comment without the line that says which parts were earned."""
    first, _, rest = comment.partition("\n")
    return (rest if first.startswith(PARTS) else comment).strip()


# --- grading ----------------------------------------------------------------------------------------


def grade_by_hand(
    gradebook: Any, asked: ManualQuestion, id_: str, score: float | None, comment: str, version: str, by: str
) -> AnswerRow:
    """Give an answer a score and a comment; the answer as it is then. score: None makes it wait again.

    version: of the row that the person saw
    by: who grades
    Raises Stale if the gradebook holds something else by now, UserError for a score that the question can't have.
    """
    if score is not None and not -SLACK <= score <= asked.points + SLACK:
        raise UserError(f"{asked.label} is worth 0 to {asked.points:g} points, so it can't have {score:g}")
    session, tables = gradebook.db, Base.metadata.tables
    grades, commented = tables["grade"], tables["comment"]
    try:
        # The first statement writes, so that nobody else can write between what is read next and the commit.
        session.execute(grades.update().where(grades.c.id == id_).values(id=id_))
        before = answer_row(gradebook, asked, id_)
        if before.version != version:
            raise Stale(before)
        row = session.execute(_rows(asked, id_)).one()
        waits = score is None and row.auto_score is None
        new = {"manual_score": score, "needs_manual_grade": waits}
        session.execute(grades.update().where(grades.c.id == id_).values(**new))
        said = comment.strip() or None
        session.execute(commented.update().where(commented.c.id == row.comment_id).values(manual_comment=said))
        now = datetime.now(UTC).replace(tzinfo=None)
        of = {"module": asked.module, "question": asked.name, "student": before.student}
        session.execute(READ.insert().values(**of, at=now, by=by, score=score, comment=said))
        session.commit()
    except BaseException:
        session.rollback()
        raise
    return answer_row(gradebook, asked, id_)
