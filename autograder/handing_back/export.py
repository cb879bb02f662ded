"""Scores for other systems, as plugins of nbgrader's own export.

`nbgrader export --exporter autograder.handing_back.export.Canvas` writes them, as `tito grades export` does.

Texts are quoted, and numbers are not. No text becomes a formula when a spreadsheet opens the file. The cell of
a score that still waits for a person stays empty, and so does that of a score that nobody can tell.
"""

import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.plugins import ExportPlugin
from traitlets import Bool

from autograder.gradebook import copies
from autograder.gradebook.doubts import doubts
from autograder.gradebook.given import note_given
from autograder.gradebook.marks import Submission, submissions_of
from autograder.gradebook.tables import make_tables
from tito import targets
from tito.workspace import UserError, Workspace

FORMULA = tuple("=+-@\t\r\n＝＋－＠")  # some spreadsheet computes cells that begin so  # noqa: RUF001


def cell_text(value) -> str:
    """A value as text that no spreadsheet computes: a leading apostrophe tells it to show the text as it is."""
    shown = "" if value is None else str(value)
    return f"'{shown}" if shown.lstrip(" \xa0").startswith(FORMULA) else shown


@dataclass(frozen=True)
class Score:
    """One student's score in one module, and how it came about."""

    score: float
    max_score: float
    raw: float
    penalty: float
    handed_in: datetime | None  # in UTC, without an offset, as nbgrader keeps it
    waiting: list[str]
    doubtful: bool  # nobody can tell the numbers


class Export(ExportPlugin):
    """The base of all formats: it chooses students and modules, and writes cells."""

    anyway = Bool(False, help="Also export scores on which answers wait for a person.").tag(config=True)
    name = ""
    file = "grades-{}.csv"

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        app: Any = self.parent
        if app:  # `nbgrader export`, which would make tables without a lock
            make_tables(app.coursedir.db_url, app.coursedir.course_id)

    def export(self, gradebook) -> None:
        """Write the file. If it has no number for some students, raise UserError, which names them, afterwards."""
        doubtful = self.write(gradebook)
        if self.left_out:
            self.log.warning("Not taught now, and left out: %s", ", ".join(self.left_out))
        if doubtful:
            raise UserError("\n".join([f"{self.path} has no score for whom nobody can tell it:", *doubtful]))

    def write(self, gradebook) -> list[str]:
        """Write the file. Returns the students whose scores nobody can tell, with the reasons. The file has none."""
        self.workspace, self.doubts, self.waiting, self.left_out = Workspace.find(), {}, {}, []
        copies.refresh(gradebook, self.workspace, [str(one) for one in self.assignment])
        students, modules = self._students(gradebook), self._modules(gradebook)  # a commit would have them read again
        rows, text = self.rows(students, modules, gradebook), io.StringIO(newline="")
        csv.writer(text, quoting=csv.QUOTE_NONNUMERIC).writerows([_cell(cell) for cell in row] for row in rows)
        targets.put(self.path, text.getvalue(), private=True)
        self.log.info("Wrote %s", self.path)
        return [f"{module}, {who}: {why}" for module, found in self.doubts.items() for who, why in found.items()]

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.to or self.file.format(self.name))

    def rows(self, students: list, modules: list, gradebook):
        """The rows of the file; the first is the header. Numbers stay numbers, and None is an empty cell."""
        raise NotImplementedError

    def _students(self, gradebook) -> list:
        chosen = [one for one in gradebook.students if not self.student or one.id in map(str, self.student)]
        return sorted(chosen, key=lambda one: (one.last_name or "", one.first_name or "", one.id))

    def _modules(self, gradebook) -> list:
        """The modules to export, in the course's order: those that were named, or all that are taught now."""
        wanted = [str(one) for one in self.assignment] or self.workspace.released()
        order = {name: number for number, name in enumerate(self.workspace.course.modules)}
        known = sorted(gradebook.assignments, key=lambda one: order.get(one.name, len(order)))
        if not self.assignment:
            self.left_out = [one.name for one in known if one.name not in wanted and one.submissions]
        return [one for one in known if one.name in wanted]

    def scores(self, gradebook, module, students: list) -> dict[str, Score]:
        """student → score, for those of `students` who handed in."""
        return self._scores(module, self._submissions(gradebook, module, students))

    def _submissions(self, gradebook, module, students: list) -> dict[str, Submission]:
        """student → submission. Notes whose score nobody can tell, and whose waits for a person."""
        ids = {one.id for one in students}
        found = {who: one for who, one in submissions_of(gradebook, module.name).items() if who in ids}
        self.doubts[module.name] = doubts(self.workspace, module.name, found)
        self.waiting[module.name] = [who for who, one in found.items() if one.waiting]
        return found

    def _scores(self, module, submissions: dict[str, Submission]) -> dict[str, Score]:
        doubtful, worth = self.doubts[module.name], module.max_score
        return {who: _score(one, worth, who in doubtful) for who, one in submissions.items()}

    def grades(self, gradebook, modules: list, students: list) -> dict[str, list[float | None]]:
        """student → one grade a module, for a system that keeps final grades; None where there is no grade yet."""
        found = []
        for module in modules:
            submissions = self._submissions(gradebook, module, students)
            grades = {who: self._grade(score) for who, score in self._scores(module, submissions).items()}
            shown = [one for who, one in submissions.items() if grades[who] is not None]
            note_given(gradebook, module.name, shown)  # such a system shows them
            found.append(grades)
        return {one.id: [grades.get(one.id) for grades in found] for one in students}

    def _grade(self, score: Score) -> float | None:
        return None if score.doubtful or (score.waiting and not self.anyway) else score.score


def _score(submission: Submission, worth: float, doubtful: bool) -> Score:
    penalty, raw = submission.penalty, submission.score
    return Score(max(0.0, raw - penalty), worth, raw, penalty, submission.handed_in, submission.waiting, doubtful)


def _cell(cell):
    if not isinstance(cell, (int, float)):
        return cell_text(cell)
    return int(cell) if cell == int(cell) else round(cell, 4)


class Plain(Export):
    """A row for each student and module, for a spreadsheet or a program."""

    name = "plain"
    texts = ("student", "last_name", "first_name", "email", "module", "handed_in")
    numbers = ("raw_score", "late_penalty", "score", "max_score", "answers_waiting")

    def rows(self, students: list, modules: list, gradebook):
        """A header, and a row for each module and student."""
        yield [*self.texts, *self.numbers]
        for module in modules:
            scores = self.scores(gradebook, module, students)
            for student in students:
                who = [student.id, student.last_name, student.first_name, student.email, module.name]
                yield [*who, *self._numbers(scores.get(student.id), module)]

    def _numbers(self, score: Score | None, module) -> list:
        if score is None:
            return [None, None, None, None, module.max_score, 0]
        handed_in = score.handed_in and score.handed_in.replace(tzinfo=UTC)
        shown = handed_in and handed_in.astimezone(self.workspace.course.zone or UTC).isoformat(timespec="seconds")
        if score.doubtful:
            return [shown, None, None, None, score.max_score, len(score.waiting)]
        return [shown, score.raw, score.penalty, score.score, score.max_score, len(score.waiting)]


class Canvas(Export):
    """Canvas, Grades, Import: a column for each module; `ID` is `lms_user_id` in the gradebook."""

    name = "canvas"

    def rows(self, students: list, modules: list, gradebook):
        """Two header rows, as Canvas writes them, and a row for each student."""
        yield ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(module.name for module in modules)]
        yield ["    Points Possible", None, None, None, None, *(module.max_score for module in modules)]
        grades = self.grades(gradebook, modules, students)
        for student in students:
            yield [_sortable(student), student.lms_user_id, student.id, student.id, None, *grades[student.id]]


def _sortable(student) -> str:
    return ", ".join(filter(None, (student.last_name, student.first_name))) or student.id


class Moodle(Export):
    """Moodle, Grades, Import, CSV file: map `ID number` or `Email address`, and each module to its grade item."""

    name = "moodle"

    def rows(self, students: list, modules: list, gradebook):
        """A header, and a row for each student."""
        yield ["ID number", "First name", "Last name", "Email address", *(module.name for module in modules)]
        grades = self.grades(gradebook, modules, students)
        for student in students:
            yield [student.id, student.first_name, student.last_name, student.email, *grades[student.id]]


class Standard(Export):
    """The columns that `nbgrader export` writes by itself. A student without a submission has 0 points, as there."""

    file = "grades.csv"
    about = ("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email")
    numbers = ("raw_score", "late_submission_penalty", "score", "max_score")

    def rows(self, students: list, modules: list, gradebook):
        """A header, and a row for each module and student."""
        yield [*self.about, *self.numbers]
        for module in modules:
            scores = self.scores(gradebook, module, students)
            for student in students:
                score = scores.get(student.id)
                who = [student.id, student.last_name, student.first_name, student.email]
                handed_in = f"{score.handed_in:%Y-%m-%d %H:%M:%S}" if score and score.handed_in else None
                times = [module.duedate, handed_in]
                yield [module.name, *times, *who, *self._numbers(score), module.max_score]

    def _numbers(self, score: Score | None) -> list:
        if score is None:
            return [0, 0, 0]
        return [None] * 3 if score.doubtful else [score.raw, score.penalty, score.score]


FORMATS = {one.name: one for one in (Canvas, Moodle, Plain)}
