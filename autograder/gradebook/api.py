"""nbgrader's own API, configured for a course: every record goes through it."""

import logging
import os
import re
import warnings
from contextlib import contextmanager

from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning

from autograder.gradebook import record
from tito.workspace import UserError, Workspace


@contextmanager
def nbgrader_api(workspace: Workspace):
    """An NbGraderAPI in the course's folder, with nbgrader_config.py loaded and its gradebook there."""
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")  # its own, of no use to an instructor
    before = os.getcwd()
    os.chdir(workspace.root)
    try:
        app = NbGrader()
        app.log.setLevel(logging.ERROR)
        app.load_config_file()
        course = CourseDirectory(config=app.config)
        record.make_tables(course.db_url, course.course_id)
        yield NbGraderAPI(course, config=app.config)
    finally:
        os.chdir(before)


def must(result: dict, doing: str) -> None:
    """Raises UserError when a step of nbgrader failed, with what its log says of the cause."""
    if not result["success"]:
        students = re.findall(r"for student '([^.].*)'", result.get("log") or "")
        whose = f" for {', '.join(students)}" if students else ""
        raise UserError(f"{doing} failed{whose}: {cause(result)}")


def cause(result: dict) -> str:
    """Why a step of nbgrader failed, in one line. Raises KeyboardInterrupt if that was it."""
    log, error = result.get("log") or "", result.get("error") or ""
    if re.search(r"(?m)^KeyboardInterrupt", error):  # which nbgrader's API catches, too
        raise KeyboardInterrupt
    raised = _raised(log) or _raised(error)
    if raised:
        return raised[2] if raised[1] == "UserError" else f"{raised[1]}: {raised[2]}"
    lines = [line.strip() for line in (log or error).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def _raised(text: str) -> re.Match | None:
    """Name and message of the exception that ends the first traceback in `text`; a log indents it by four."""
    _, traceback, rest = text.partition("Traceback (most recent call last):")
    return re.search(r"(?m)^(?: {4})?(?:\w+\.)*(\w+): (.+)$", rest) if traceback else None
