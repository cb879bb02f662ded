"""nbgrader's own API, configured for a course: every record goes through it."""

import logging
import os
from contextlib import contextmanager

from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI
from nbgrader.coursedir import CourseDirectory

from tito.workspace import UserError, Workspace


@contextmanager
def nbgrader(workspace: Workspace):
    """An NbGraderAPI in the course's folder, with nbgrader_config.py loaded."""
    before = os.getcwd()
    os.chdir(workspace.root)
    try:
        app = NbGrader()
        app.log.setLevel(logging.ERROR)
        app.load_config_file()
        yield NbGraderAPI(CourseDirectory(config=app.config), config=app.config)
    finally:
        os.chdir(before)


def must(result: dict, doing: str) -> None:
    """Raises UserError with the last words of nbgrader's log when a step failed."""
    if result["success"]:
        return
    log = [line for line in (result.get("error") or result.get("log") or "").splitlines() if line.strip()]
    raise UserError(f"{doing} failed: {_telling(log)}")


def _telling(log: list[str]) -> str:
    """The line of a log that says most: an exception's own, if there is one."""
    errors = [line for line in log if "Error" in line and not line.startswith(" ")]
    return (errors or log or ["no reason given"])[-1].strip()
