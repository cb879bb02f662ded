"""The page that a student gets back: one self-contained HTML file, without hidden text.

nbgrader makes it (`nbgrader generate_feedback`). This file adds the part of a verdict that a student
may see. Outputs of the grading run never appear: a page shows the outputs that the student handed in.
"""

import base64
import functools
import html
import itertools
import mimetypes
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import nbgrader
from nbconvert.exporters import HTMLExporter, TemplateExporter
from nbconvert.filters import Highlight2HTML
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateFeedback
from nbgrader.preprocessors import NbGraderPreprocessor
from pygments.formatters import HtmlFormatter

from autograder.engine.execute import STUDENTS_CELL
from autograder.gradebook import copies
from autograder.gradebook.api import refusals_of
from autograder.gradebook.doubts import doubts
from autograder.gradebook.given import history
from autograder.gradebook.marks import submissions_of
from autograder.gradebook.record import notes_of
from autograder.gradebook.waiting import who_waits
from autograder.judging.judge import how_earned
from autograder.judging.outputs import verdict_in
from autograder.judging.source import HIDDEN, MARK_SCHEME, Source, question_label, without
from autograder.pages.causes import causes_of
from tito import clock
from tito.notebooks import grade_id, is_check, is_manual, is_stub
from tito.uses import answers_used, not_begun
from tito.workspace import UserError, Workspace

TEMPLATES = Path(__file__).resolve().parent / "templates"  # two have the names of nbgrader's own: feedback, formgrade
FORMGRADERS = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"

PICTURES = ("image/png", "image/jpeg", "image/svg+xml", "image/gif", "image/webp")
DRAWN = re.compile(r'<img alt="(?P<words>[^"<>]*)" src="(?P<address>data:image/png;base64,[\w+/=]*)">')  # tito.draw
MAX_PICTURE = 2_000_000  # bytes; people open the page on phones, too


class PageExporter(HTMLExporter):
    """nbconvert's, made for one template and a whole class: most of the code on the pages is the same for all.

    nbgrader makes it once, before it removes any older page. So it also brings the gradebook's copies up to date.
    """

    def __init__(self, *args, **kwargs):
        """Raises NbGraderException, with the reason in nbgrader's log, if nobody can tell the score of a student whose
        page was asked for.
        """
        super().__init__(*args, **kwargs)
        if isinstance(self.parent, GenerateFeedback):
            with refusals_of(self.parent):
                _refuse_doubts(self.parent)

    def from_notebook_node(self, nb, resources=None, **kw):
        """The page, as the template makes it. nbconvert would parse it once more, which takes longer than all else."""
        self.register_filter("highlight_code", _highlighted)
        return TemplateExporter.from_notebook_node(self, nb, resources, **kw)


def _refuse_doubts(converter: Any) -> None:
    course, workspace = converter.coursedir, Workspace.find()
    module = course.assignment_id
    with Gradebook(course.db_url) as gradebook:
        copies.refresh(gradebook, workspace, [module])
        found = doubts(workspace, module, submissions_of(gradebook, module))
    left_out = course.student_id_exclude.split(",")
    chosen = {Path(folder).parent.name for folder in converter.assignments} - set(left_out)
    if troubles := [f"{student}: {why}" for student, why in found.items() if student in chosen]:
        raise UserError("\n".join(["No page was made. Nobody can tell the score of", *troubles]))


@functools.lru_cache(maxsize=5000)
def _highlighted(source: str) -> str:
    return Highlight2HTML(pygments_lexer="python")(source)


class StudentView(NbGraderPreprocessor):
    """The last of nbgrader's feedback preprocessors: it hides hidden text, and sums the page up for the template."""

    def preprocess(self, nb, resources):
        """The notebook as the page shows it, and `resources` with "feedback", the template's values."""
        names = resources["nbgrader"]
        source = Source.of(Workspace.find(), names["assignment"])
        record = _record(names, source.workspace.course.zone)
        folder = Path(resources["metadata"]["path"])
        pictures = _pictures(folder)
        given = {_released(cell) for cell in source.cells if not _of_student(cell)}
        sections = _sections(nb.cells, given, headings_of(source.cells), record["pending"])
        questions = [section["question"] for section in sections if section["question"]]
        causes = _causes(nb, source, questions)
        for cell in nb.cells:
            _hide(cell)
            _draw(cell, pictures)
        module = source.workspace.course.modules[source.module]
        resources["feedback"] = record | {
            "title": f"Module {module.number}: {module.title}",
            "course": source.workspace.course.title,
            "stopped": [note.replace(STUDENTS_CELL, "a cell of yours") for note in notes_of(folder)],
            "sections": sections,
            "questions": questions,
            "causes": causes,
            "light": HtmlFormatter(style="default").get_style_defs(".highlight"),
            "dark": HtmlFormatter(style="github-dark").get_style_defs(".highlight"),
        }
        return nb, resources


def _record(names: dict, zone: ZoneInfo | None) -> dict:
    """What the gradebook knows about a submission: the name, the time in `zone`, the grade_ids that wait for a person,
    and what has changed, with the day, since the student was first given scores for it.
    """
    with Gradebook(names["db_url"]) as gradebook:
        submission: Any = gradebook.find_submission(names["assignment"], names["student"])
        student, moment = submission.student, copies.moment_of(submission)
        changes = history(gradebook, names["assignment"], names["student"])
        return {
            "name": " ".join(filter(None, (student.first_name, student.last_name))),
            "handed_in": moment and clock.shown(moment, zone),
            "pending": who_waits(gradebook, names["assignment"], [names["student"]]).get(names["student"], []),
            "changes": [(change, f"{change.at or datetime.now(UTC):%Y-%m-%d}") for change in changes],
        }


# --- sections -------------------------------------------------------------------------------------


def _sections(cells: list, given: set[str], headings: dict[str, str], pending: list[str]) -> list[dict]:
    """The notebook in sections: one for each question, with the cells that lead to it, and one for the rest."""
    sections, before = [], []
    for cell in cells:
        cell.metadata["given"] = not _of_student(cell) and _released(cell) in given
        before.append(cell)
        if is_check(cell) or is_manual(cell):
            sections.append({"question": _question(cell, before, headings, pending), "blocks": _blocks(before)})
            before = []
    return [*sections, {"question": None, "blocks": _blocks(before)}]


def _blocks(cells: list) -> list[dict]:
    """Runs of cells: those that were given, which the page folds, and the student's own."""
    runs = itertools.groupby(cells, key=lambda cell: cell.metadata["given"])
    return [{"given": given, "cells": (cells := list(run)), "checks": any(map(is_check, cells))} for given, run in runs]


def headings_of(cells: list) -> dict[str, str]:
    """The heading under which each question stands in the source. A student may have written into the text of theirs,
    and the course may have corrected its own since.
    """
    found: dict[str, str] = {}
    heading = ""
    for cell in cells:
        if is_check(cell) or is_manual(cell):
            found[cell.metadata["nbgrader"]["grade_id"]] = heading
        elif cell.cell_type == "markdown":
            heading = (re.findall(r"(?m)^#{1,4} +(.+?)\s*$", _released(cell)) or [heading])[-1].replace("`", "")
    return found


def _of_student(cell) -> bool:
    return is_stub(cell) or is_manual(cell)


def _released(cell) -> str:
    return without(without(cell.source, HIDDEN), MARK_SCHEME).strip()


def _question(cell, before: list, headings: dict[str, str], pending: list[str]) -> dict:
    """What the template needs to know about a graded cell and the cells that lead to it."""
    meta = cell.metadata["nbgrader"]
    name, score, points = meta["grade_id"], meta["score"], meta["points"]
    state = "pending" if name in pending else "pass" if score >= points else "part" if score else "fail"
    verdict = verdict_in(cell)
    return {
        "id": name,
        "label": question_label(name),
        "heading": headings.get(name, ""),
        "stubs": [grade_id(one) for one in before if is_stub(one)],
        "comments": [one.metadata["nbgrader"]["comment"] for one in before if _commented(one)],
        "manual": is_manual(cell),
        "score": f"{score:g}",
        "points": f"{points:g}",
        "weight": max(points, 0.2),
        "state": state,
        "verdict": verdict,
        "gave": how_earned(verdict.get("given", []), verdict["earned"], verdict["points"]) if verdict else "",
        "cause": None,
    }


def _causes(nb, source: Source, questions: list[dict]) -> list[dict]:
    """Where to start, with the questions that a cause has hit. It notes with each of these what hit it."""
    by_name = {one["id"]: one for one in questions if one["verdict"] and one["state"] != "pending"}
    verdicts = [
        one["verdict"] | {"earned": float(one["score"]), "points": float(one["points"])} for one in by_name.values()
    ]
    found = []
    for cause in causes_of(verdicts, answers_used(source.notebook, nb), not_begun(nb)):
        for name in (*cause.given, *cause.waiting):
            by_name[name]["cause"] = by_name[cause.name]
        found.append(
            {
                "question": by_name[cause.name],
                "given": [by_name[name] for name in cause.given],
                "waiting": [by_name[name] for name in cause.waiting],
            }
        )
    return found


def _commented(cell) -> bool:
    """Whether a person commented on the cell. "No response." is nbgrader's comment, and the points say it already."""
    return _of_student(cell) and cell.metadata["nbgrader"].get("comment") not in (None, "", "No response.")


# --- what of a cell is shown ----------------------------------------------------------------------


def _hide(cell) -> None:
    """Take out what the release hides from students, too: rubrics, hidden checks, and their outputs."""
    if cell.cell_type == "markdown" and not is_manual(cell):
        cell.source = without(cell.source, MARK_SCHEME)
    if is_check(cell):
        cell.source = without(cell.source, HIDDEN)
        cell.outputs = []


def _draw(cell, pictures: dict[str, str]) -> None:
    """Add to a cell what the template draws: the pictures that its text may show, and its outputs."""
    attached = {
        f"attachment:{name}": _data(mime, "".join(str(data).split()))
        for name, bundle in cell.get("attachments", {}).items()
        for mime, data in bundle.items()
        if mime in PICTURES
    }
    cell.metadata["pictures"] = pictures | attached
    cell.metadata["drawn"] = [_output(output) for output in cell.get("outputs", [])]


def _output(output) -> dict:
    """One output: its kind (text, error, picture, markdown), what to show, and a picture's words."""
    if output.output_type == "stream":
        return {"kind": "error" if output.name == "stderr" else "text", "content": output.text}
    if output.output_type == "error":
        return {"kind": "error", "content": "\n".join(output.traceback)}
    data = output.data
    for mime in PICTURES:
        if mime in data:
            content = "".join(data[mime])
            packed = "".join(content.split()) if "+" not in mime else base64.b64encode(content.encode()).decode()
            return {"kind": "picture", "content": _data(mime, packed), "words": "picture"}
    if found := DRAWN.fullmatch("".join(data.get("text/html", ""))):
        return {"kind": "picture", "content": found["address"], "words": html.unescape(found["words"])}
    for mime in ("text/markdown", "text/latex"):
        if mime in data:
            return {"kind": "markdown", "content": "".join(data[mime])}
    return {"kind": "text", "content": "".join(data.get("text/plain", ""))}


def _data(mime: str, packed: str) -> str:
    return f"data:{mime};base64,{packed}"


def _pictures(folder: Path) -> dict[str, str]:
    """Picture files beside a notebook: path → data: address. Links are not followed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mime = mimetypes.guess_type(path.name)[0]
        if mime in PICTURES and path.is_file() and not path.is_symlink() and path.stat().st_size <= MAX_PICTURE:
            packed = base64.b64encode(path.read_bytes()).decode()
            found[path.relative_to(folder).as_posix()] = _data(mime, packed)
    return found
