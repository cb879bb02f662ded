"""tito roster: the students of the course, from a CSV file to nbgrader's gradebook."""

from pathlib import Path

from autograder.gradebook.api import nbgrader_api
from autograder.intake.roster import (
    COLUMNS,
    refuse_one_as_two,
    refuse_other_spellings,
    refuse_shared_numbers,
    students_in,
)
from tito.console import complain, escape, say, table
from tito.workspace import Workspace


def import_roster(path: Path) -> int:
    """Put the students in a CSV file into the gradebook."""
    rows = students_in(path)
    with nbgrader_api(Workspace.find()) as api, api.gradebook as gradebook:
        students = gradebook.students
        known = {one.id: one.lms_user_id for one in students}
        refuse_other_spellings(path, rows, known)
        refuse_shared_numbers(path, rows, known)
        refuse_one_as_two(path, rows, {one.id: (one.first_name, one.last_name, one.email) for one in students})
        for row in rows:
            gradebook.update_or_create_student(row.pop("id"), **row)
        count = len(gradebook.students)
    taken = f"{len(rows)} students of {path} are" if len(rows) != 1 else f"1 student of {path} is"
    if rows and not any(any(row.values()) for row in rows):  # which have lost their ids above
        complain("no row says more than an id, so no roster is known: `tito collect` takes every id as it stands")
    say(escape(f"{taken} in the gradebook, which has {count}. Show them: tito roster show"))
    return 0


def show_roster() -> int:
    """Show the students in the gradebook."""
    with nbgrader_api(Workspace.find()) as api, api.gradebook as gradebook:
        shown = table(*COLUMNS)
        for student in gradebook.students:
            shown.add_row(*(escape(str(getattr(student, name) or "")) for name in COLUMNS))
    say(shown)
    return 0
