"""The page that a student gets back: one self-contained HTML file, without hidden text.

nbgrader makes it (`nbgrader generate_feedback`); this adds what a student may see of a verdict.
Outputs of the grading run never appear: a page shows the outputs that the student handed in.
"""

import html
from pathlib import Path

import bleach
import nbgrader
from nbconvert.filters.markdown import markdown2html_mistune
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from pygments.formatters import HtmlFormatter

from autograder.grade import VERDICT_MIME
from autograder.source import HIDDEN, MARK_SCHEME, without
from tito.notebooks import grade_id, is_check, is_manual
from tito.workspace import Workspace

TEMPLATES = Path(__file__).resolve().parent / "templates"  # holds one that is called as nbgrader's own: feedback
FORMGRADERS = Path(nbgrader.__file__).parent / "server_extensions" / "formgrader" / "templates"

TABLES = {"table", "tbody", "td", "th", "thead", "tr"}
HEADINGS = {f"h{level}" for level in range(1, 7)}
TAGS = bleach.ALLOWED_TAGS | TABLES | HEADINGS | {"br", "del", "div", "hr", "img", "p", "pre", "span", "sub", "sup"}
SAFE_LINKS = ("#", "http://", "https://", "mailto:")


def safe_markdown(text: str) -> str:
    """HTML of somebody's markdown, without anything that acts, or loads when the page is opened."""
    try:
        return safe_html(markdown2html_mistune(text))
    except Exception:  # people write anything; a page of it is due all the same
        return f"<pre>{html.escape(text)}</pre>"


def safe_html(text: str) -> str:
    return bleach.clean(text, TAGS, _is_safe, protocols={"http", "https", "mailto", "data"}, strip=True)


def _is_safe(tag: str, name: str, value: str) -> bool:
    if name in ("href", "src"):
        return value.startswith(SAFE_LINKS) if tag == "a" else value.startswith("data:image/")
    return name in ("alt", "class", "id", "title")


class StudentView(NbGraderPreprocessor):
    """Last of nbgrader's feedback preprocessors: hides what is hidden, and sums the page up for the template."""

    def preprocess(self, nb, resources):
        names = resources["nbgrader"]
        module = Workspace.find().course.modules[names["assignment"]]
        pending = _pending(names)
        questions = [_question(cell, pending) for cell in nb.cells if is_check(cell) or is_manual(cell)]
        for cell in nb.cells:
            _hide(cell)
            _embed(cell)
        resources["feedback"] = {
            "title": f"Module {module.number}: {module.title}",
            "questions": questions,
            "pending": sum(question["state"] == "pending" for question in questions),
            "light": HtmlFormatter(style="default").get_style_defs(".highlight"),
            "dark": HtmlFormatter(style="github-dark").get_style_defs(".highlight"),
        }
        return nb, resources


def _embed(cell) -> None:
    """Write pasted pictures into the text that shows them."""
    for name, bundle in cell.get("attachments", {}).items():
        for mime, data in bundle.items():
            address = f"data:{mime};base64,{''.join(str(data).split())}"
            cell.source = cell.source.replace(f"attachment:{name}", address)


def _pending(names: dict) -> set[str]:
    """grade_ids that wait for a person."""
    with Gradebook(names["db_url"]) as gradebook:
        grades = gradebook.find_submission_notebook(names["notebook"], names["assignment"], names["student"]).grades
        return {grade.name for grade in grades if grade.needs_manual_grade}


def _question(cell, pending: set[str]) -> dict:
    """What the template needs of a graded cell; kept with the cell, too."""
    meta = cell.metadata["nbgrader"]
    name, score, points = grade_id(cell), meta["score"], meta["points"]
    state = "pending" if name in pending else "pass" if score == points else "part" if score else "fail"
    question = {
        "id": name,
        "label": name.removeprefix("check_").removeprefix("reflect_").replace("_", " ").strip(),
        "score": f"{score:g}",
        "points": f"{points:g}",
        "state": state,
        "verdict": _verdict(cell),
        "comment": meta.get("comment"),
    }
    cell.metadata["question"] = question
    return question


def _verdict(cell) -> dict | None:
    found = [output.data[VERDICT_MIME] for output in cell.get("outputs", []) if VERDICT_MIME in output.get("data", {})]
    return found[-1] if found else None


def _hide(cell) -> None:
    """Take out what students do not see in the release, either: rubrics, hidden checks, and what came of them."""
    if cell.cell_type == "markdown" and not is_manual(cell):
        cell.source = without(cell.source, MARK_SCHEME)
    if is_check(cell):
        cell.source = without(cell.source, HIDDEN)
        cell.outputs = []
