"""The page's server, an extension of Jupyter's: it belongs to the one person whose server it is.

`tito mark` starts it alone. JupyterLab has it at /manual-grading in the course's folder.
"""

import functools
import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.extension.application import ExtensionApp
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from tornado import web

from autograder.gradebook.api import nbgrader_api
from autograder.judging.source import Source
from autograder.manual_grading.answers import (
    AnswerRow,
    ManualQuestion,
    Stale,
    answer_row,
    answer_rows,
    comments,
    grade_by_hand,
    manual_question,
    manual_questions,
    refuse_other_points,
    written,
)
from autograder.pages.markdown import safe_markdown
from tito.workspace import UserError, Workspace

URL = "/manual-grading"
STATIC = Path(__file__).resolve().parent / "static"


class Handler(JupyterHandler):
    """The base of all: what goes wrong is told as JSON, which the page shows."""

    @property
    def content_security_policy(self) -> str:
        """Answers come from students: nothing on the page loads from elsewhere, or acts."""
        return "default-src 'self'; img-src 'self' data:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"

    def workspace(self) -> Workspace:
        """The course in whose folder the server was started. Raises UserError for a student's workspace."""
        found = Workspace.find(Path(self.serverapp.root_dir if self.serverapp else "."))
        if not found.instructor:
            raise UserError("This is a student's workspace: answers are graded in the course's folder.")
        return found

    @contextmanager
    def asked(self, module: str, name: str) -> Iterator[tuple[Any, Source, ManualQuestion]]:
        """The gradebook, opened for one question."""
        workspace = self.workspace()
        source = Source.of(workspace, module)
        found = manual_question(source, name)
        with opened(workspace) as gradebook:
            refuse_other_points(gradebook, found)
            yield gradebook, source, found

    def who(self) -> str:
        """The name under which a grade is noted."""
        name = getattr(self.current_user, "username", "") if not _alone(self) else ""
        return name or getpass.getuser()

    def write_error(self, status_code: int, **kwargs) -> None:
        """Tell the page what went wrong, in a sentence for people."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        said: dict[str, Any] = {"message": str(error)}
        if isinstance(error, Stale):
            self.set_status(409)
            said["now"] = asdict(error.now)
        elif isinstance(error, UserError):
            self.set_status(400)
        elif isinstance(error, DBAPIError):
            self.set_status(503)
            said["message"] = f"The gradebook does not answer, so nothing was saved: {error.orig}"
        self.set_header("Content-Type", "application/json")
        self.finish(json.dumps(said))

    def log_exception(self, typ, value, tb) -> None:
        """What is told to the person needs no traceback in the server's log."""
        if not isinstance(value, Stale | UserError | DBAPIError):
            super().log_exception(typ, value, tb)


@dataclass(frozen=True)
class Connected:
    """A connection to nbgrader's gradebook. nbgrader's own class would look at all tables for each request."""

    db: Session


@contextmanager
def opened(workspace: Workspace) -> Iterator[Connected]:
    """The course's gradebook, for one request."""
    with Session(_engine(workspace)) as session:
        yield Connected(session)


@functools.cache
def _engine(workspace: Workspace) -> sa.Engine:
    """What connects to the gradebook that nbgrader's configuration names, whose tables are there now."""
    with nbgrader_api(workspace) as api:
        return sa.create_engine(api.coursedir.db_url, poolclass=sa.NullPool)  # a file may be restored from a back-up


def _alone(handler: JupyterHandler) -> bool:
    """Whether the server has no users of its own: a token then makes everybody a made-up "anonymous" user."""
    return "hub" not in type(handler.identity_provider).__module__.lower()


class PageHandler(Handler):
    """The page itself."""

    @web.authenticated
    def get(self) -> None:
        """The page, without any answer in it."""
        self.workspace()
        self.xsrf_token  # sets the cookie that the page sends back  # noqa: B018
        base = self.base_url.rstrip("/")
        text = (STATIC / "page.html").read_text(encoding="utf-8")
        self.finish(text.replace("{base}", f"{base}{URL}").replace("{static}", f"{base}/static/{ManualGrading.name}"))


class ModulesHandler(Handler):
    """What there is to grade."""

    @web.authenticated
    def get(self) -> None:
        """For each module that was graded: its questions, how many answers there are, and how many wait."""
        workspace, found = self.workspace(), []
        with opened(workspace) as gradebook:
            for module in workspace.written():
                for one in manual_questions(Source.of(workspace, module)):
                    of = answer_rows(gradebook, one)
                    row = {"module": module, "name": one.name, "label": one.label, "answers": len(of)}
                    found += [{**row, "waits": sum(each.waits for each in of)}] if of else []
        self.finish({"questions": found})


class QuestionHandler(Handler):
    """One question, and the class's answers without their texts."""

    @web.authenticated
    def get(self, module: str, name: str) -> None:
        """The question with its rubric, all answers, and the comments that were typed."""
        with self.asked(module, name) as (gradebook, _, found):
            of = answer_rows(gradebook, found)
        self.finish(
            {
                "label": found.label,
                "points": found.points,
                "text": safe_markdown(found.text),
                "remarks": found.rubric.remarks,
                "items": [asdict(item) for item in found.rubric.items],
                "answers": [asdict(one) for one in of],
                "comments": comments(of),
            }
        )


class AnswerHandler(Handler):
    """One answer."""

    @web.authenticated
    def get(self, module: str, name: str, id_: str) -> None:
        """What the student wrote, and what the machine said of the rest."""
        with self.asked(module, name) as (gradebook, source, found):
            one = answer_row(gradebook, found, id_)
            text = written(gradebook, source, found, one.student)
        self.finish({"answer": asdict(one), "text": safe_markdown(text.text), "machine": text.machine})

    @web.authenticated
    def put(self, module: str, name: str, id_: str) -> None:
        """Save a score and a comment, unless the gradebook holds something that the person has not seen."""
        new = self.get_json_body() or {}
        with self.asked(module, name) as (gradebook, _, found):
            score = _number(new.get("score"))
            saved: AnswerRow = grade_by_hand(
                gradebook, found, id_, score, str(new.get("comment", "")), str(new.get("version")), self.who()
            )
        self.finish({"answer": asdict(saved)})


def _number(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    raise UserError(f"A score is a number of points, not {value!r}")


class ManualGrading(ExtensionApp):
    """The extension."""

    name = "tinytorch_manual_grading"
    extension_url = URL
    load_other_extensions = False  # where `tito mark` starts it
    static_paths = [str(STATIC)]  # noqa: RUF012

    @classmethod
    def get_extension_package(cls) -> str:
        """Where Jupyter finds `_jupyter_server_extension_points`."""
        return "autograder.manual_grading"

    def initialize_handlers(self) -> None:
        """Say which address has which handler."""
        part = r"([A-Za-z0-9_.-]+)"
        self.handlers.extend(
            [
                (rf"{URL}/?", PageHandler),
                (rf"{URL}/api/questions", ModulesHandler),
                (rf"{URL}/api/questions/{part}/{part}", QuestionHandler),
                (rf"{URL}/api/questions/{part}/{part}/{part}", AnswerHandler),
            ]
        )
