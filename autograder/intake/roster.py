"""The students that the gradebook knows by name, and which of them a path means."""

import contextlib
import csv
import io
import os
import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa
from nbgrader.api import Base

from autograder.intake.ids import as_heard, can_be_id, same_name
from autograder.intake.owners import Said
from tito.workspace import UserError, Workspace

STUDENT = Base.metadata.tables["student"]
CANVAS = {"sis_user_id", "sis_login_id"}  # columns of its exported gradebook, and of `tito grades export`
NUMBER = r"\d+([.,]\d+)?E\+\d+|\d+[.,]0+"  # as spreadsheets write a long one, and other programs any
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

    def find(self, said: Said) -> tuple[str | None, str]:
        """The id of the student that a name means, or None and the reason. Without a roster, every id is accepted."""
        given, full_name = said.said["student_id"] or "", said.said.get("full_name")
        if full_name is None:
            return self.by_id(given)
        if self.students:
            return self._by_name(full_name, given, said.system.by_number)
        return (given, "") if said.system.by_number else (None, "its name has no id of a student: import the roster")

    @cached_property
    def _ids(self) -> dict[str, str]:
        """Each id in one form of Unicode → the first that is written so."""
        return {same_name(one.id): one.id for one in reversed(self.students)}

    def by_id(self, given: str) -> tuple[str | None, str]:
        """The student of an id, however Unicode writes it, or None and the reason."""
        if not self.students:
            return same_name(given), ""
        if found := self._ids.get(same_name(given)):
            return found, ""
        close = [one.id for one in self.students if as_heard(one.id) == as_heard(given)]
        return None, f"{given} is not in the roster" + f" (but {' and '.join(close)} is)" * bool(close)

    def _by_name(self, full_name: str, number: str, counts: bool) -> tuple[str | None, str]:
        """The student of a full name and a number, which must not contradict each other where the number `counts`."""
        shown = f"{full_name} {number}"
        numbered = [one for one in self.students if counts and one.lms_user_id == number]
        named = [one for one in self.students if _plain(full_name) in _names(one)]
        found = numbered or named
        if not found:
            return None, f"{shown} is not in the roster"
        if len(found) > 1:
            return None, f"{shown}: {len(found)} students could be meant: {', '.join(one.id for one in found)}"
        (one,) = found
        if numbered and not _is_called(one, full_name):
            return None, f"{shown}: the number is that of {one.id}, and the name is not"
        if not numbered and counts and one.lms_user_id:
            return None, f"{shown}: the name is that of {one.id}, and the number is not ({one.lms_user_id})"
        return one.id, ""


def everybody(workspace: Workspace, gradebook) -> set[str]:
    """All students that nbgrader's gradebook or submitted/ knows."""
    return _folders(workspace.root / "submitted") | set(gradebook.db.execute(sa.select(STUDENT.c.id)).scalars())


def _folders(place: Path) -> set[str]:
    with contextlib.suppress(FileNotFoundError), os.scandir(place) as entries:
        return {entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir()}
    return set()


def _names(student) -> set[str]:
    first, last = student.first_name or "", student.last_name or ""
    return {_plain(first + last), _plain(last + first)} - {""}


def _is_called(student, full_name: str) -> bool:
    """Whether a name is the student's, with or without middle names. Without a name in the roster, any is."""
    text, first, last = _plain(full_name), _plain(student.first_name or ""), _plain(student.last_name or "")
    return text.startswith(last + first) or (text.startswith(first) and text.endswith(last))


def _plain(text: str) -> str:
    """The letters and digits of a name, without accents: systems shorten names so."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def students_in(path: Path) -> list[dict]:
    """The rows of a CSV file, with its known columns, in any order, case and separator.

    Raises UserError, which names the file and the line.
    """
    text = table_text(path)
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        header = [(name or "").strip().lower().replace(" ", "_") for name in reader.fieldnames or []]
        if "id" in header and CANVAS & set(header):
            raise UserError(
                f"{path}, line 1: in a table of Canvas, ID is Canvas's own number. Call that column lms_user_id, and "
                "the one that has the students' ids (SIS User ID, SIS Login ID) id."
            )
        if "id" not in header:
            raise UserError(f"{path}, line 1: there is no column id. Known columns: {', '.join(COLUMNS)}.")
        if twice := [name for name in COLUMNS if header.count(name) > 1]:
            raise UserError(f"{path}, line 1: the column {twice[0]} stands there twice.")
        reader.fieldnames = header
        return _checked(path, reader)
    except csv.Error as error:
        raise UserError(f"{path}, line {reader.line_num}: {error}") from None


def refuse_other_spellings(path: Path, rows: list[dict], known: Collection[str]) -> None:
    """Raise UserError for a new id that is another way to write a `known` one: one student would be two.

    Two students whose ids differ in nothing else both stand in the file.
    """
    given = {row["id"] for row in rows}
    heard = {as_heard(one): one for one in known if one not in given}
    for one in sorted(given - set(known)):
        if other := heard.get(as_heard(one)):
            raise UserError(
                f"{path}: {one} is {other} in the gradebook: is this one student? Nothing was imported. Write the id "
                f"as the gradebook has it; or, if they are two, add the row of {other} to the file, too."
            )


def refuse_shared_numbers(path: Path, rows: list[dict], known: Mapping[str, str | None]) -> None:
    """Raise UserError if two students would have one number: Canvas would take both rows of an export for one student.

    known: id → number, in the gradebook
    """
    numbers = {**known, **{row["id"]: row["lms_user_id"] for row in rows if "lms_user_id" in row}}
    owners: dict[str, str] = {}
    for student, number in numbers.items():
        if number and owners.setdefault(number, student) != student:
            raise UserError(
                f"{path}: {owners[number]} and {student} would have the same lms_user_id, {number}: "
                "is this one student? Nothing was imported."
            )


def refuse_one_as_two(path: Path, rows: list[dict], known: Mapping[str, tuple]) -> None:
    """Raise UserError for a new id whose name and address are another student's: an id has changed, as a rule.

    known: id → first name, last name and address, in the gradebook
    """
    owners = {_person(*about): student for student, about in known.items() if all(about)}
    for row in rows:
        about = [row.get(name) for name in ("first_name", "last_name", "email")]
        other = owners.setdefault(_person(*about), row["id"]) if all(about) else row["id"]
        if other != row["id"] and row["id"] not in known:
            raise UserError(
                f"{path}: {row['id']} has the name and the address of {other}: is this one student? Nothing was "
                f"imported. Keep the id {other}; or, if they are two, give them different addresses."
            )


def _person(*about: str | None) -> tuple[str, ...]:
    return tuple(as_heard(f"{one}") for one in about)


def table_text(path: Path) -> str:
    """The text of a CSV file. Raises UserError, which names the file."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path} can't be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8. Save it as CSV UTF-8.") from None


def _checked(path: Path, reader: csv.DictReader) -> list[dict]:
    found, lines = [], {}
    for row in reader:
        if any(map(str.strip, row.get(None) or [])):  # a comma in a name: all that follows would be a column off
            raise UserError(
                f"{path}, line {reader.line_num}: there are more cells than columns. Quote a cell that has a separator."
            )
        if not any(isinstance(cell, str) and cell.strip() for cell in row.values()):  # a spreadsheet leaves such lines
            continue
        student = row["id"] = same_name((row["id"] or "").strip())
        if re.fullmatch(NUMBER, student, re.ASCII):
            raise UserError(
                f"{path}, line {reader.line_num}, column id: {student} is a number that a program wrote its own way. "
                "Format the column as text."
            )
        if not can_be_id(student):
            raise UserError(f"{path}, line {reader.line_num}, column id: {student!r} can't be a student's id")
        if student in lines:
            raise UserError(f"{path}, line {reader.line_num}: {student} stands in line {lines[student]} already")
        lines[student] = reader.line_num
        found.append({name: value.strip() or None for name in COLUMNS if isinstance(value := row.get(name), str)})
        number = found[-1].get("lms_user_id") or "0"
        if not re.fullmatch(r"\d+", number, re.ASCII):  # 4.711E+12, say
            raise UserError(
                f"{path}, line {reader.line_num}, column lms_user_id: {number} is no whole number. "
                "If a spreadsheet wrote it so, format the column as text."
            )
    return found
