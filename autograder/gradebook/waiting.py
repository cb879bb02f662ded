"""Find the answers that wait for a person."""

from collections.abc import Collection

from nbgrader.api import Gradebook

from autograder.gradebook.marks import submissions_of


def who_waits(gradebook: Gradebook, module: str, students: Collection[str] | None = None) -> dict[str, list[str]]:
    """student → names of their answers that wait for a person, without students who have none."""
    found = submissions_of(gradebook, module, students)
    return {student: one.waiting for student, one in found.items() if one.waiting}
