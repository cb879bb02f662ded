"""Scores for other systems, as plugins of nbgrader's own export.

`nbgrader export --exporter autograder.handing_back.export.Canvas` writes them, as `tito grades export` does.

Texts are quoted, and numbers are not. No text becomes a formula when a spreadsheet opens the file. The cell of
a score that still waits for a person stays empty.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from nbgrader.plugins import CsvExportPlugin, ExportPlugin
from traitlets import Bool

from autograder.gradebook.copies import must_refresh
from autograder.gradebook.given import note_given
from autograder.gradebook.waiting import waiting
from tito.workspace import Workspace

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
    handed_in: str
    waiting: list[str]


class Export(ExportPlugin):
    """The base of all formats: it chooses students and modules, and writes cells."""

    anyway = Bool(False, help="Also export scores on which answers wait for a person.").tag(config=True)
    name = ""

    def export(self, gradebook) -> None:
        """Write the file. Raises UserError if nobody can tell what being late costs a student."""
        must_refresh(gradebook, Workspace.find(), list(map(str, self.assignment)))
        path = Path(self.to or f"grades-{self.name}.csv")
        rows = self.rows(self._students(gradebook), self._modules(gradebook), gradebook)
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, quoting=csv.QUOTE_NONNUMERIC).writerows([_cell(cell) for cell in row] for row in rows)
        self.log.info("Wrote %s", path)

    def rows(self, students: list, modules: list, gradebook):
        """The rows of the file; the first is the header. Numbers stay numbers, and None is an empty cell."""
        raise NotImplementedError

    def _students(self, gradebook) -> list:
        chosen = [one for one in gradebook.students if not self.student or one.id in map(str, self.student)]
        return sorted(chosen, key=lambda one: (one.last_name or "", one.first_name or "", one.id))

    def _modules(self, gradebook) -> list:
        """The modules to export, in the course's order."""
        chosen = [one for one in gradebook.assignments if not self.assignment or one.name in map(str, self.assignment)]
        order = {name: number for number, name in enumerate(Workspace.find().course.modules)}
        return sorted(chosen, key=lambda one: order.get(one.name, len(order)))

    def scores(self, gradebook, module) -> dict[str, Score]:
        """student → score, for those who handed in."""
        return {one.student_id: _score(one) for one in gradebook.assignment_submissions(module.name)}

    def grades(self, gradebook, modules: list, students: list) -> dict[str, list[float | None]]:
        """student → one grade a module, for a system that keeps final grades; None where there is no grade yet."""
        found = [self.scores(gradebook, module) for module in modules]
        for module, scores in zip(modules, found, strict=True):  # such a system shows them
            shown = {one.id for one in students if self._grade(scores.get(one.id)) is not None}
            submissions = gradebook.assignment_submissions(module.name)
            note_given(gradebook, module.name, [one for one in submissions if one.student_id in shown])
        return {one.id: [self._grade(scores.get(one.id)) for scores in found] for one in students}

    def _grade(self, score: Score | None) -> float | None:
        return None if score is None or (score.waiting and not self.anyway) else score.score


def _score(submission) -> Score:
    penalty = float(submission.late_submission_penalty)
    handed_in = f"{submission.timestamp:%Y-%m-%d %H:%M:%S}" if submission.timestamp else ""
    score = max(0.0, submission.score - penalty)
    return Score(score, submission.max_score, submission.score, penalty, handed_in, waiting(submission))


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
            scores = self.scores(gradebook, module)
            for student in students:
                who = [student.id, student.last_name, student.first_name, student.email, module.name]
                yield [*who, *self._numbers(scores.get(student.id), module)]

    def _numbers(self, score: Score | None, module) -> list:
        if score is None:
            return [None, None, None, None, module.max_score, 0]
        return [score.handed_in, score.raw, score.penalty, score.score, score.max_score, len(score.waiting)]


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


class Standard(CsvExportPlugin):
    """The format that `nbgrader export` writes by itself, with today's penalties."""

    def export(self, gradebook) -> None:
        """Write the file. Raises UserError if nobody can tell what being late costs a student."""
        must_refresh(gradebook, Workspace.find(), list(map(str, self.assignment)))
        super().export(gradebook)


FORMATS = {one.name: one for one in (Canvas, Moodle, Plain)}
