"""What a person decided about files: whose they are, when they came, or that they count for nothing.

The file is a table of three columns, with or without a head: what is meant, the student, and the time.

    Ada Lovelace_102_assignsubmission_file_,ada2
    4711,,2026-11-25 23:10
    lovelaceada_4711_9_old.ipynb,-

What is meant is a path as the table of `tito collect` shows it, or its beginning, or a number in a system's name. The
student is an id, or `-` for nobody: such files are passed over. The time is one, or `in time`.
"""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from autograder.intake.ids import same_name
from autograder.intake.roster import Roster, table_text
from autograder.intake.times import When, when_by
from tito.workspace import UserError, Workspace

NOBODY = "-"
HEADS = {"student", "id", "student_id"}


@dataclass
class Decision:
    """One line: what is meant, whose it is ("" if only the time is said), when it came (None if nothing is said)."""

    line: int
    meant: str
    student: str
    when: When | None
    used: bool = False


@dataclass
class Decisions:
    """All lines of the file."""

    path: Path | None = None
    lines: list[Decision] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, workspace: Workspace, roster: Roster) -> "Decisions":
        """The decisions in a CSV file. Raises UserError, which names file and line, if one can't be followed."""
        text = table_text(path)
        rows = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=text.partition("\n")[0].count), strict=True)
        made: dict[str, Decision] = {}
        try:
            for row in rows:
                cells = [same_name(cell.strip()) for cell in [*row, "", "", ""]]
                if not any(cells) or (rows.line_num == 1 and cells[1].lower() in HEADS):
                    continue
                if any(cells[3:]):  # of a time like 10:15:00,5 +0100 the offset, say
                    raise ValueError("there are more than three cells. Quote a cell that has a separator")
                decision = cls._line(rows.line_num, cells[:3], workspace, roster)
                if decision.meant in made:
                    raise ValueError(f"{decision.meant} stands in line {made[decision.meant].line} already")
                made[decision.meant] = decision
        except (csv.Error, ValueError) as error:
            raise UserError(f"{path}, line {rows.line_num}: {error}") from None
        return cls(path, list(made.values()))

    @staticmethod
    def _line(number: int, cells: list[str], workspace: Workspace, roster: Roster) -> Decision:
        meant, student, time = cells
        meant = meant.replace("\\", "/").strip("/")
        if not meant or not (student or time):
            raise ValueError("each line says what is meant, and then the student, or the time, or both")
        if student not in ("", NOBODY):
            found, why = roster.by_id(student)
            if found is None:
                raise ValueError(why)
            student = found
        return Decision(number, meant, student, when_by(time, workspace.course.zone) if time else None)

    def of(self, paths: Iterable[str], number: str = "") -> list[Decision]:
        """The decisions on a file, the most exact one first. paths: the ways to say where the file lies."""
        names = [same_name(path) for path in paths]
        found = [
            one
            for one in self.lines
            if one.meant == number or any(name == one.meant or name.startswith(f"{one.meant}/") for name in names)
        ]
        for one in found:
            one.used = True
        return sorted(found, key=lambda one: (one.meant != number, len(one.meant)), reverse=True)

    def unused(self) -> list[Decision]:
        """Decisions on files that nobody gave."""
        return [one for one in self.lines if not one.used]
