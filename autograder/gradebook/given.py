"""The scores that students were given back. They stay as they are, unless the student or a person changes them.

A score is given from the moment a page that shows it is sent, or an export for a learning-management system holds it.
The table GIVEN keeps each score with its time, and a row more whenever a question's score is another one.
"""

import contextlib
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from nbgrader.api import MissingEntry
from nbgrader.utils import determine_grade

from autograder.gradebook.marks import Submission
from autograder.gradebook.record import recorded
from autograder.gradebook.tables import GIVEN
from autograder.judging.source import question_label
from tito.notebooks import grade_id, is_check


@dataclass(frozen=True)
class Change:
    """Another score than the one that was given. at: when it was given in its turn; None if it was not yet.

    before: None for a question that came later
    """

    question: str
    before: float | None
    after: float
    at: datetime | None = None

    @property
    def label(self) -> str:
        """The question's name, as people say it."""
        return question_label(self.question)

    def __str__(self) -> str:
        before = "none" if self.before is None else f"{self.before:g}"
        return f"{self.label} {before} → {self.after:g}"


def why_kept(module: str, student: str, changes: list[Change]) -> str:
    """What to say when scores that were given back stay as they are."""
    shown, how = ", ".join(map(str, changes)), f"tito grade {module} --accept --student {student}"
    return f"was given other scores, which stay: {shown}. To change them: {how}"


def note_given(gradebook: Any, module: str, submissions: Collection[Submission]) -> None:
    """Note that students are given the scores of their submissions, without those that wait for a person."""
    students = [one.student for one in submissions]
    known, given, new = recorded(gradebook, module, students), _given(gradebook.db, module, students), []
    last = max((at for rows in given.values() for *_, at in rows), default=datetime.min)
    now = max(datetime.now(UTC).replace(tzinfo=None), last + timedelta(microseconds=1))  # a clock may go back
    for submission in submissions:
        student = submission.student
        work = known[student].work if student in known else None
        if work is None:  # nothing says what the scores are about, so nothing can be compared later
            continue
        before = {question: score for question, score, _ in given[student, work]}
        about = {"module": module, "student": student, "work": work, "at": now}
        final = [mark for mark in submission.marks if not mark.waits]
        new += [
            about | {"question": one.cell, "score": one.score} for one in final if before.get(one.cell) != one.score
        ]
    if new:
        gradebook.db.execute(GIVEN.insert(), new)
        gradebook.db.commit()


def changes_to(gradebook: Any, module: str, student: str, work: str, notebook) -> list[Change]:
    """Scores that the student was given for this very `work`, and that recording the graded `notebook` would change.

    Empty if the student was given none for this work, but only for other hand-ins.
    """
    given = {question: score for question, score, _ in _given(gradebook.db, module, [student])[student, work]}
    if not given:
        return []
    row = recorded(gradebook, module, [student]).get(student)
    grades = {grade.name: grade for grade in _grades(_submission(gradebook, module, student))}
    changes = []
    for cell in filter(is_check, notebook.cells):
        name, (score, _) = grade_id(cell) or "", determine_grade(cell)
        grade = grades.get(name)
        if grade and grade.manual_score is not None:  # a person's score counts, whatever the machine comes to
            continue
        after = (score or 0.0) + ((grade and grade.extra_credit) or 0.0)
        now = grade.score if grade and row and row.work == work else None
        if after not in (given.get(name), now):  # what is recorded for the same work was accepted before
            changes.append(Change(name, given.get(name), after))
    return changes


def history(gradebook: Any, module: str, student: str) -> list[Change]:
    """How the scores have changed since the student was first given some for the work that was graded."""
    row = recorded(gradebook, module, [student]).get(student)
    last: dict[str, float] = {}
    changes = []
    rows = _given(gradebook.db, module, [student])[student, row.work] if row and row.work else []
    for question, score, at in rows:
        if question in last:
            changes.append(Change(question, last[question], score, at))
        last[question] = score
    changes += [
        Change(grade.name, last.get(grade.name), grade.score)
        for grade in _final_grades(_submission(gradebook, module, student))
        if grade.name in last and last[grade.name] != grade.score
    ]
    return changes


def given_questions(gradebook: Any, module: str) -> set[str]:
    """The questions of a module whose score some student was given."""
    return set(gradebook.db.execute(sa.select(GIVEN.c.question).where(GIVEN.c.module == module)).scalars())


def _given(session, module: str, students: Collection[str]) -> dict[tuple[str, str], list[tuple]]:
    """(student, work) → all that was given, in order: (question, score, time)."""
    columns = (GIVEN.c.student, GIVEN.c.work, GIVEN.c.question, GIVEN.c.score, GIVEN.c.at)
    theirs = (GIVEN.c.module == module) & GIVEN.c.student.in_(students)
    found = defaultdict(list)
    for student, work, *rest in session.execute(sa.select(*columns).where(theirs).order_by(GIVEN.c.at)):
        found[student, work].append(tuple(rest))
    return found


def _submission(gradebook: Any, module: str, student: str) -> Any:
    """nbgrader's record; None without one."""
    with contextlib.suppress(MissingEntry):
        return gradebook.find_submission(module, student)


def _grades(submission) -> list:
    """nbgrader's records of all grades in a submission."""
    return [grade for notebook in (submission.notebooks if submission else []) for grade in notebook.grades]


def _final_grades(submission) -> list:
    """The same, without those that wait for a person."""
    return [grade for grade in _grades(submission) if not grade.needs_manual_grade]
