"""nbgrader's own API, configured for a course. Every record goes through it."""

import logging
import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning

from autograder.gradebook.tables import make_tables
from tito.workspace import UserError, Workspace


@contextmanager
def nbgrader_api(workspace: Workspace) -> Iterator[Any]:
    """An NbGraderAPI (Any: its traits have no types) in the course's folder, with configuration and gradebook.

    Raises UserError where the course or its configuration of nbgrader can't be read, and where Python reads the names
    of students' folders in another encoding than UTF-8.
    """
    if (encoding := sys.getfilesystemencoding()) != "utf-8":
        raise UserError(
            f"The locale has Python read names of folders as {encoding}: a student's id could become another one. "
            "First: export PYTHONUTF8=1"
        )
    warnings.filterwarnings("ignore", category=SAWarning, module="nbgrader")  # they do not help an instructor
    course_id, before = workspace.course.course, os.getcwd()
    os.chdir(workspace.root)
    try:
        app = NbGrader()
        app.log.setLevel(logging.ERROR)
        app.load_config_file()
        if str(path := workspace.root / "nbgrader_config.py") not in app.loaded_config_files:
            raise UserError(f"{path} is missing, or stops with what is said above. Nothing was done.")
        course = CourseDirectory(config=app.config)
        make_tables(course.db_url, course_id)
        yield NbGraderAPI(course, config=app.config)
    finally:
        os.chdir(before)


@contextmanager
def refusals_of(converter: Any) -> Iterator[None]:
    """Have one of nbgrader's own steps end with the reason of a refusal, and without a traceback."""
    try:
        yield
    except UserError as error:
        converter.log.error(str(error))
        raise NbGraderException(str(error)) from None


SERVICES = ("OperationalError", "InterfaceError", "OSError")  # raised by a database or a disk that does not serve


def must(result: dict, doing: str) -> None:
    """Raise UserError if a step of nbgrader failed, with the cause from its log; OSError if database or disk failed.

    result: what nbgrader's API returned
    doing: what the step was to do, for the message
    """
    if not result["success"]:
        students = re.findall(r"for student '([^.].*)'", result.get("log") or "")
        whose = f" for {', '.join(students)}" if students else ""
        why = cause(result)
        raise (OSError if why.startswith(SERVICES) else UserError)(f"{doing} failed{whose}: {why}")


def cause(result: dict) -> str:
    """Why a step of nbgrader failed, in one line. Raises KeyboardInterrupt if somebody pressed Ctrl-C."""
    log, error = result.get("log") or "", result.get("error") or ""
    if re.search(r"(?m)^KeyboardInterrupt", error):  # nbgrader's API catches it, too
        raise KeyboardInterrupt
    raised = _raised(log) or _raised(error)
    if raised:
        return raised[2] if raised[1] in ("UserError", "NbGraderException") else f"{raised[1]}: {raised[2]}"
    lines = [line.strip() for line in (log or error).splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given"


def _raised(text: str) -> re.Match | None:
    """Name and message of the exception that ends the first traceback in `text`; a log indents it by four."""
    _, traceback, rest = text.partition("Traceback (most recent call last):")
    return re.search(r"(?m)^(?: {4})?(?:\w+\.)*(\w+): (.+)$", rest) if traceback else None
