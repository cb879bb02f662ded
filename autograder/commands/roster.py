"""tito roster: the students of the course, from a CSV file to nbgrader's gradebook."""

import csv
import io
from pathlib import Path

from autograder.stations import nbgrader
from tito.console import escape, say, table
from tito.workspace import UserError, Workspace

COLUMNS = ("id", "first_name", "last_name", "email", "lms_user_id")


def load(path: Path) -> int:
    rows = _read(path)
    with nbgrader(Workspace.find()) as api, api.gradebook as gradebook:
        for row in rows:
            gradebook.update_or_create_student(row.pop("id"), **row)
    say(f"{len(rows)} students are in the roster. Show them with: tito roster show")
    return 0


def show() -> int:
    with nbgrader(Workspace.find()) as api, api.gradebook as gradebook:
        shown = table(*COLUMNS)
        for student in gradebook.students:
            shown.add_row(*(escape(str(getattr(student, name) or "")) for name in COLUMNS))
    say(shown)
    return 0


def _read(path: Path) -> list[dict]:
    """Rows of the known columns, in any order, case and separator. Raises UserError that names file and line."""
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
