"""The students that the gradebook knows by name, and which of them a path means."""

import csv
import io
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from nbgrader.api import Gradebook

from tito.workspace import UserError, Workspace

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")


@dataclass
class Roster:
    """The students that the gradebook knows by name or address; none if nobody has imported a roster."""

    students: list

    @classmethod
    def of(cls, gradebook) -> "Roster":
        """The roster in nbgrader's gradebook."""
        named = [one for one in gradebook.students if one.last_name or one.first_name or one.email or one.lms_user_id]
        return cls(named)

    def find(self, said: dict) -> tuple[str | None, str]:
        """The id of the student that a path means, or None and the reason. Without a roster, every id is accepted."""
        given = said["student_id"]
        if not self.students:
            return given, ""
        for students in (
            [one for one in self.students if given in (one.id, one.lms_user_id)],
            [one for one in self.students if said.get("full_name") and _plain(said["full_name"]) in _names(one)],
        ):
            if len(students) == 1:
                return students[0].id, ""
            if students:
                return None, f"{len(students)} students could be meant: {', '.join(one.id for one in students)}"
        shown = " ".join(filter(None, (said.get("full_name"), given)))
        return None, f"{shown} is not in the roster"


def everybody(workspace: Workspace, gradebook: Gradebook) -> set[str]:
    """All students that the gradebook or submitted/ knows."""
    folders = {path.name for path in (workspace.root / "submitted").glob("[!.]*") if path.is_dir()}
    return folders | {str(student.id) for student in gradebook.students}


def _names(student) -> set[str]:
    first, last = student.first_name or "", student.last_name or ""
    return {_plain(first + last), _plain(last + first)} - {""}


def _plain(text: str) -> str:
    """The letters and digits of a name, without accents: systems shorten names so."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def students_in(path: Path) -> list[dict]:
    """The rows of a CSV file, with its known columns, in any order, case and separator.

    Raises UserError, which names the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8. Save it as CSV UTF-8.") from None
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        header = [(name or "").strip().lower().replace(" ", "_") for name in reader.fieldnames or []]
        if "id" not in header:
            raise UserError(f"{path}, line 1: there is no column id. Known columns: {', '.join(COLUMNS)}.")
        reader.fieldnames = header
        return _checked(path, reader)
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: {error}") from None


def _checked(path: Path, reader: csv.DictReader) -> list[dict]:
    found, lines = [], {}
    for row in reader:
        student = (row["id"] or "").strip()
        if not student or "/" in student or student.startswith("."):
            raise UserError(f"{path}, line {reader.line_num}, column id: {student!r} can't be a student's id")
        if student in lines:
            raise UserError(f"{path}, line {reader.line_num}: {student} stands in line {lines[student]} already")
        lines[student] = reader.line_num
        found.append({name: value.strip() or None for name in COLUMNS if isinstance(value := row.get(name), str)})
    return found
