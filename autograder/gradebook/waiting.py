"""Find the answers that wait for a person."""

from nbgrader.api import Gradebook


def waiting(submission) -> list[str]:
    """Names of the answers in a submission, nbgrader's record, that wait for a person."""
    return [grade.name for notebook in submission.notebooks for grade in notebook.grades if grade.needs_manual_grade]


def who_waits(gradebook: Gradebook, module: str) -> dict[str, list[str]]:
    """student → names of their answers that wait for a person, without students who have none."""
    submissions = gradebook.assignment_submissions(module)
    return {_student(one): names for one in sorted(submissions, key=_student) if (names := waiting(one))}


def _student(submission) -> str:
    return submission.student_id
